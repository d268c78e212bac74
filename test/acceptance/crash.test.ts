import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import type { Behaviour } from '../support/far-side-call.ts';
import { at, listAt, numberAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { runSeed, seeded } from '../support/seeded.ts';
import { numbersFrom, sendTask, taskBody, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';
import { until } from '../support/until.ts';

const callsInFlight = 300;
const kills = 10;
const callees = 3900;

/** Long enough to be in flight when the kill comes. */
function behave(number: string): Behaviour {
  switch (Number(number.at(-1))) {
    case 0:
    case 1:
    case 2:
      return { kind: 'answer', ringMs: 500, talkMs: 6000 };
    case 3:
    case 4:
    case 5:
      return { kind: 'ring' };
    case 6:
    case 7:
      return { kind: 'reject', ringMs: 6000, status: 486, reason: 'Busy Here' };
    case 8:
      return { kind: 'reject', ringMs: 3000, status: 603, reason: 'Decline' };
    default:
      return { kind: 'reject', ringMs: null, status: 404, reason: 'Not Found' };
  }
}

describe('kill -9', () => {
  let carillon: Carillon;
  let farSide: FarSide;
  let voiceFileId: string;
  before(async () => {
    farSide = await startFarSide({ behave });
    carillon = await startCarillon({ legs: 2 * callsInFlight });
    await carillon.addTrunk(farSide.port, { maxCps: 300, maxChannels: callsInFlight + 20 });
    voiceFileId = await uploadVoice(carillon, 'crash.wav');
  });
  after(async () => {
    await carillon?.stop();
    await farSide?.close();
  });

  test(`of the dialer, ${kills} times with ${callsInFlight} calls in flight: nobody is called twice, nobody is lost`, async (context) => {
    const seed = runSeed();
    context.diagnostic(`seed ${seed} (CARILLON_TEST_SEED repeats it)`);
    const random = seeded(seed);
    const numbers = numbersFrom(8613700000000, callees);
    const taskId = await sendTask(carillon, {
      taskName: 'crash',
      voiceFileId,
      loopCount: 9,
      delayHangup: 60,
      numberList: numbers,
    });
    const startedAt = performance.now();
    let since = 0;
    const inFlight = (): number =>
      farSide.entries().reduce((count, { atMs, end }) => count + (end === null && atMs > since ? 1 : 0), 0);
    for (let kill = 1; kill <= kills; kill++) {
      await until(() => inFlight() >= callsInFlight, {
        what: `${callsInFlight} calls in flight before kill ${kill}`,
        timeoutMs: 90_000,
        everyMs: 20,
        detail: () => `${inFlight()} in flight, ${farSide.entries().length} calls so far\n${carillon.log()}`,
      });
      await sleep(random() * 1000);
      const pid = await carillon.pidOf('dialer');
      context.diagnostic(
        `kill ${kill} at ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${inFlight()} in flight, ${farSide.entries().length} calls so far`,
      );
      process.kill(pid, 'SIGKILL');
      since = performance.now();
    }
    await waitForTask(carillon, taskId, 2, 180_000);

    const called = new Map<string, number>();
    for (const { number } of farSide.entries()) called.set(number, (called.get(number) ?? 0) + 1);
    const twice = [...called].filter(([, times]) => times > 1);
    assert.deepEqual(twice, [], 'called more than once, by the ledger of the far side');

    const records = await taskRecords(carillon, taskId);
    assert.deepEqual(
      records.map((record) => at(record, 'callee')),
      numbers,
      'one record a callee, in order',
    );
    assert.deepEqual(
      records.filter((record) => at(record, 'state') !== 'ended'),
      [],
    );
    const answered = new Set(
      farSide
        .entries()
        .filter(({ isAnswered }) => isAnswered)
        .map(({ number }) => number),
    );
    const acknowledged = new Set(
      farSide
        .entries()
        .filter(({ isAnswered, isAcknowledged }) => isAnswered && isAcknowledged)
        .map(({ number }) => number),
    );
    const wrongly = records.filter(
      (record) => at(record, 'callStatus') === 50 && !answered.has(String(at(record, 'callee'))),
    );
    assert.deepEqual(wrongly, [], 'recorded as connected although nobody answered');
    const unseen = records.filter(
      (record) => at(record, 'callStatus') !== 50 && acknowledged.has(String(at(record, 'callee'))),
    );
    context.diagnostic(
      `${numbers.length - called.size} claimed but not dialed; ${unseen.length} of ${acknowledged.size} answers lost between the ACK and the database`,
    );
  });

  test('of the api during a send: the task is there as a whole or not at all', async (context) => {
    const seed = runSeed();
    const random = seeded(seed + 1);
    const numberList = numbersFrom(8613600000000, 60_000);
    const outcomes: string[] = [];
    let usualMs = 0;
    for (let attempt = 0; attempt <= 5; attempt++) {
      const taskName = `api crash ${attempt}`;
      const fields = { taskName, voiceFileId, sendTime: '2098-01-01 00:00:00', numberList };
      const pid = await carillon.pidOf('api');
      const startedAt = performance.now();
      const sending = carillon.post('/group/call/send', taskBody(carillon, fields)).then(
        (answer) => answer.status,
        () => 'no answer',
      );
      if (attempt === 0) {
        assert.equal(await sending, '0');
        usualMs = performance.now() - startedAt;
        continue;
      }
      // Any moment of a send, and a little after it.
      await sleep(random() * usualMs * 1.1);
      process.kill(pid, 'SIGKILL');
      const answer = await sending;
      await until(
        () =>
          fetch(`${carillon.baseUrl}/readyz`).then(
            ({ ok }) => ok,
            () => false,
          ),
        {
          what: 'the api to be back',
          timeoutMs: 60_000,
          detail: () => carillon.log(),
        },
      );
      const span = { strTime: '2020-01-01 00:00:00', endTime: '2099-01-01 00:00:00' };
      const found = await carillon.post('/group/call/query', {
        current: 1,
        size: 10,
        params: { ...span, searchCondition: taskName },
      });
      const tasks = listAt(found.data, 'records');
      outcomes.push(`${answer} / ${tasks.length === 0 ? 'absent' : 'complete'}`);
      if (answer === '0') assert.equal(tasks.length, 1, 'what was accepted is there');
      for (const task of tasks) {
        assert.equal(at(task, 'numCnt'), numberList.length);
        const last = await carillon.post('/group/call/records', {
          current: numberList.length / 100,
          size: 100,
          params: { taskId: numberAt(task, 'taskId') },
        });
        assert.deepEqual(
          listAt(last.data, 'records').map((record) => at(record, 'callee')),
          numberList.slice(-100),
        );
      }
    }
    context.diagnostic(`seed ${seed}; answer / what is there: ${outcomes.join(', ')}`);
  });
});
