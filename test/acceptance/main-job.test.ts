import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { requestDialect, signedHeaders } from '../support/dialect-client.ts';
import type { Behaviour } from '../support/far-side-call.ts';
import { at, type Json, listAt, numberAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { numbersFrom, outcomeFacts, sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';
import { until } from '../support/until.ts';

const numbers = numbersFrom(8613900000000, 40);

/** Who answers when: by the last digit of the number and the how manieth call it is. */
function behave(number: string, nth: number): Behaviour {
  const busy: Behaviour = { kind: 'reject', ringMs: 100, status: 486, reason: 'Busy Here' };
  const answer: Behaviour = { kind: 'answer', ringMs: 100, talkMs: null };
  switch (Number(number.at(-1)) % 5) {
    case 0:
      return answer;
    case 1:
      return nth < 2 ? busy : answer;
    case 2:
      return nth < 3 ? busy : answer;
    case 3:
      return { kind: 'reject', ringMs: null, status: 404, reason: 'Not Found' };
    default:
      return { kind: 'reject', ringMs: 100, status: 603, reason: 'Decline' };
  }
}

let carillon: Carillon;
let farSide: FarSide;
before(async () => {
  farSide = await startFarSide({ behave });
  carillon = await startCarillon({ env: { CARILLON_RECALL_MINUTE_MS: '1000' } });
  await carillon.addTrunk(farSide.port, { maxCps: 200, maxChannels: 50 });
});
after(async () => {
  await carillon?.stop();
  await farSide?.close();
});

/** The request of the page that the project starts from, line for line. */
function seedPageRequest(path: string, keyId: number): Promise<{ data: Json; code: number | string; msg: string }> {
  const headers = signedHeaders(carillon.credentials);
  return requestDialect(carillon.baseUrl, { method: 'POST', path, headers, body: `{\n"keyId":${keyId}\n}` });
}

async function failedOf(taskId: number): Promise<string[]> {
  const records = await taskRecords(carillon, taskId);
  return records.filter((record) => at(record, 'callStatus') !== 50).map((record) => String(at(record, 'callee')));
}

test('upload, group call, two recall rounds of those that failed, down to the last record', async () => {
  const voiceFileId = await uploadVoice(carillon, 'main-job.wav');
  const taskId = await sendTask(carillon, {
    taskName: 'main job',
    voiceFileId,
    numberInfoList: numbers.map((calleeNumber) => ({ calleeNumber, text1: 'Tom' })),
    recallFlow: { recallType: 1, recallInterval: 1, recallNum: 2, nodeList: [] },
  });
  const span = { strTime: '2020-01-01 00:00:00', endTime: '2099-01-01 00:00:00' };
  const page = await carillon.post('/recallFlow/queryPage', {
    current: 1,
    size: 10,
    params: { ...span, taskName: String(taskId) },
  });
  const flowId = numberAt(page.data, 'records', 0, 'keyId');
  assert.equal(at(page.data, 'records', 0, 'recallNum'), 2);

  const planned = await seedPageRequest('/v3/voice/recallFlow/queryDetail', flowId);
  assert.deepEqual(
    listAt(planned.data, 'nodeList').map((node) => [at(node, 'nodeStatus'), at(node, 'taskId')]),
    [
      [0, null],
      [0, null],
    ],
    'the plan is there before it runs',
  );

  const finished = await until(
    async () => {
      const { data } = await seedPageRequest('/v3/voice/recallFlow/queryDetail', flowId);
      return at(data, 'status') === 2 ? { data } : null;
    },
    { what: 'the recall flow to be completed', timeoutMs: 60_000, everyMs: 250, detail: () => carillon.log() },
  );
  const nodes = listAt(finished.data, 'nodeList');
  assert.deepEqual(
    nodes.map((node) => at(node, 'nodeStatus')),
    [2, 2],
  );
  assert.deepEqual(at(finished.data, 'records'), nodes);
  const asPage = await seedPageRequest('/v3/voice/recallFlow/queryPage', flowId);
  assert.deepEqual(at(asPage.data, 'records'), nodes, 'the example request of the page answers the nodes as a page');
  assert.deepEqual([at(asPage.data, 'total'), at(asPage.data, 'searchCount')], [2, true]);

  const rounds = [taskId, ...nodes.map((node) => numberAt(node, 'taskId'))];
  const called: string[][] = [];
  for (const round of rounds) {
    await waitForTask(carillon, round, 2, 1000);
    const records = await taskRecords(carillon, round);
    const callees = records.map((record) => String(at(record, 'callee')));
    assert.equal(new Set(callees).size, callees.length, 'one record a callee');
    called.push(callees);
  }
  assert.deepEqual(
    called.map((callees) => callees.length),
    [40, 32, 24],
  );
  assert.deepEqual(called[1], await failedOf(taskId));
  assert.deepEqual(called[2], await failedOf(rounds[1] ?? 0));

  for (const [index, round] of rounds.entries()) {
    for (const record of await taskRecords(carillon, round)) {
      const behaviour = behave(String(at(record, 'callee')), index + 1);
      assert.deepEqual(outcomeFacts(record), expectedFacts(behaviour), `round ${index}, ${at(record, 'callee')}`);
    }
  }
  const times = new Map<string, number>();
  for (const { number } of farSide.entries()) times.set(number, (times.get(number) ?? 0) + 1);
  assert.deepEqual(
    numbers.map((number) => times.get(number)),
    numbers.map((number) => called.filter((callees) => callees.includes(number)).length),
    "the far side's ledger and the records agree",
  );
  assert.equal(farSide.inFlight(), 0);
  const heard = farSide.rtp.streams().filter(({ packets }) => packets >= 45);
  assert.equal(heard.length, farSide.entries().filter(({ isAnswered }) => isAnswered).length, 'who answered heard it');
});

function expectedFacts(behaviour: Behaviour): Json {
  if (behaviour.kind !== 'reject') return { callStatus: 50, sipCode: '200', terminationCode: '0' };
  const code = String(behaviour.status);
  const callStatus = behaviour.ringMs === null ? 60 : behaviour.status === 486 ? 10 : 30;
  return { callStatus, sipCode: code, terminationCode: code };
}
