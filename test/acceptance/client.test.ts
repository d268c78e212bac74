import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CarillonClient, CarillonError, type TaskRequest, type TaskStatus } from '@carillon/client';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { numberAt, textAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { numbersFrom } from '../support/task-client.ts';
import { toneSequence } from '../support/tone.ts';
import { until } from '../support/until.ts';
import { encodeWav } from '../support/wav.ts';

const always = { strTime: '2020-01-01 00:00:00', endTime: '2099-01-01 00:00:00' };

let carillon: Carillon;
let farSide: FarSide;
before(async () => {
  farSide = await startFarSide({ behave: () => ({ kind: 'answer', ringMs: 50, talkMs: null }) });
  carillon = await startCarillon();
  await carillon.addTrunk(farSide.port, { maxCps: 200 });
});
after(async () => {
  await carillon?.stop();
  await farSide?.close();
});

async function codeOf(work: Promise<unknown>): Promise<number> {
  const error = await work.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CarillonError, String(error));
  assert.equal(error.httpStatus, 200);
  return error.code;
}

function nullIfRefused(error: unknown): null {
  if (error instanceof CarillonError) return null;
  throw error;
}

for (const [index, prefix] of ['/v3', ''].entries()) {
  describe(`the client at a base URL that ends with "${prefix}"`, () => {
    let client: CarillonClient;
    let task: TaskRequest;
    let voiceFileId: string;
    before(async () => {
      client = new CarillonClient({ baseUrl: carillon.baseUrl + prefix, ...carillon.credentials });
      const file = encodeWav(toneSequence([440], 1, 0), 2);
      voiceFileId = await client.files.upload({ fileName: `client-${index}.wav`, file });
      task = {
        appId: carillon.appId,
        taskName: `client ${index}`,
        source: 1,
        voiceFileId,
        maxCalls: 30,
        sendTime: '2098-01-01 00:00:00',
        numberList: numbersFrom(8613900000000 + 1000 * index, 120),
        recallFlow: { recallType: 1, recallInterval: 30, recallNum: 2 },
      };
    });

    const statusOf = async (taskId: number): Promise<TaskStatus> => (await client.tasks.detail(taskId)).status;

    test('a task is sent, found, changed, cancelled and sent again', async () => {
      const taskId = await client.tasks.send(task);
      assert.equal(await codeOf(client.tasks.send(task)), -20, 'the name is taken');
      const found = await client.tasks.query({ params: { ...always, searchCondition: task.taskName } });
      assert.deepEqual(
        found.records.map((record) => [record.taskId, record.numCnt]),
        [[taskId, 120]],
      );
      await client.tasks.update({ keyId: taskId, taskName: `changed ${index}`, source: 1, voiceFileId, maxCalls: 20 });
      assert.equal((await client.tasks.detail(taskId)).maxCalls, 20);
      await client.tasks.suspend([taskId]);
      assert.equal(await statusOf(taskId), 5);
      await client.tasks.resume([taskId]);
      await client.tasks.cancel([taskId]);
      assert.equal(await statusOf(taskId), 4);
      assert.equal(await codeOf(client.tasks.cancel([taskId])), -54);
      const again = {
        keyId: taskId,
        taskName: `again ${index}`,
        source: 1,
        voiceFileId,
        sendTime: task.sendTime,
      } as const;
      assert.equal(await statusOf(await client.tasks.resend(again)), 0);
    });

    test('a recall flow is found, changed and cancelled', async () => {
      const taskId = await client.tasks.send({ ...task, taskName: `flow ${index}` });
      const flows = await client.recallFlows.query({ params: { ...always, taskName: String(taskId) } });
      const flowId = flows.records[0]?.keyId ?? assert.fail('no flow');
      await client.recallFlows.update({ keyId: flowId, recallType: 0, recallInterval: 5, recallNum: 1 });
      const { recallInterval, nodeList } = await client.recallFlows.detail(flowId);
      assert.deepEqual([recallInterval, nodeList.map((node) => node.nodeStatus)], [5, [0]]);
      await client.recallFlows.cancel({ type: 1, id: flowId });
      assert.equal((await client.recallFlows.detail(flowId)).status, 3);
      assert.equal(await codeOf(client.recallFlows.cancel({ type: 1, id: flowId })), -22);
    });

    test('the calls of a task are read over several pages, and each by its id', async () => {
      const taskId = await client.tasks.send({ ...task, taskName: `calls ${index}`, sendTime: null });
      await until(async () => (await statusOf(taskId)) === 2, {
        what: 'the task to be done',
        timeoutMs: 60_000,
        everyMs: 250,
        detail: () => carillon.log(),
      });
      const callees: string[] = [];
      let voiceId: string | null = null;
      for await (const record of client.tasks.eachRecord({ taskId })) {
        callees.push(record.callee);
        voiceId = record.voiceId;
        assert.equal(record.callStatus, 50);
      }
      assert.deepEqual(callees, task.numberList);
      const record = await client.records.get(voiceId ?? assert.fail('the last callee was not called'));
      assert.deepEqual([record.taskId, record.callee], [taskId, callees.at(-1)]);
      const span = { strTime: new Date(Date.now() - 86_400_000).toISOString(), endTime: new Date().toISOString() };
      const seen = new Set<string>();
      for await (const other of client.records.each(span)) if (other.taskId === taskId) seen.add(other.callee);
      assert.deepEqual([...seen].sort(), callees);
      assert.equal(await codeOf(client.files.recordingUrl(`${voiceId}.wav`)), -22, 'nothing was recorded');
    });

    test('direct calls are accepted or not number by number, and read by their ids', async () => {
      const { appId } = carillon;
      const [called, refused, spoken] = [`86138000000${index}1`, '12', `86138000000${index}2`] as const;
      const callee = `${called},${refused}`;
      const results = await client.direct.sendGroup({
        appId,
        callee,
        fileId: voiceFileId,
        calledInfo: 'from the client',
      });
      assert.deepEqual(
        results.map((result) => [result.callee, result.terminationCode, result.voiceId === null]),
        [
          [called, '0', false],
          [refused, '-22', true],
        ],
      );
      const code = await client.direct.sendCode({
        appId,
        callee: spoken,
        language: 'EN',
        text: 'Your code is 1, 2, 3.',
      });
      for (const [voiceId, number] of [
        [results[0]?.voiceId ?? assert.fail('not accepted'), called],
        [code, spoken],
      ] as const) {
        const record = await until(
          async () => {
            // There is no record of a call that has not begun.
            const found = await client.records.get(voiceId).catch(nullIfRefused);
            return found?.callStatus ? found : null;
          },
          { what: `the call to ${number}`, timeoutMs: 60_000, everyMs: 250, detail: () => carillon.log() },
        );
        assert.deepEqual([record.callee, record.callStatus], [number, 50]);
        assert.equal(record.calledInfo, number === called ? 'from the client' : null);
      }
      const unknown = { appId, numberList: [{ callee: called, dimensionId: 999_999 }] };
      const [result] = await client.direct.sendIvr(unknown);
      assert.equal(result?.terminationCode, '-22');
    });

    for (const accountPath of ['/v3', '/sms'] as const) {
      test(`the balance is asked for below ${accountPath}`, async () => {
        const { baseUrl, credentials } = carillon;
        const other = new CarillonClient({ baseUrl: baseUrl + prefix, accountPath, ...credentials });
        const { balance, available } = await other.getBalance();
        assert.deepEqual([balance, available], ['0', null], 'the account is postpaid');
      });
    }

    test('SMS are sent, and what became of them is asked for by id and by time', async () => {
      const { accountId, admin } = carillon;
      const channel = await admin('POST', '/sms-channels', { name: `outbox ${index}`, kind: 'outbox' });
      const smsChannelId = numberAt(channel, 'smsChannelId');
      const app = await admin('POST', '/apps', { accountId, name: `sms ${index}`, kind: 'sms', smsChannelId });
      const appId = textAt(app, 'appId');
      const [first, second] = [`86137000000${index}1`, `86137000000${index}2`] as const;
      const sent = await client.sms.send({ appId, numbers: `${first},12`, content: 'hello', orderId: 'a,b' });
      assert.deepEqual([sent.success, sent.fail, sent.array[0]?.orderId], ['1', '1', 'a']);
      const batch = await client.sms.sendBatch({ appId, array: [{ numbers: second, content: 'goodbye' }] });
      const msgIds = [...sent.array, ...batch.array].map(({ msgId }) => msgId);
      await until(async () => (await client.sms.reports({ appId, msgIds })).success === '2', {
        what: 'both messages to be delivered',
        timeoutMs: 30_000,
        detail: () => carillon.log(),
      });
      const [startTime, endTime] = [-60_000, 60_000].map((ms) => new Date(Date.now() + ms).toISOString());
      const numbers: string[] = [];
      for await (const { number, status } of client.sms.eachSent({
        appId,
        startTime: startTime ?? '',
        endTime: endTime ?? '',
      })) {
        assert.equal(status, '0');
        numbers.push(number);
      }
      assert.deepEqual(numbers.toSorted(), [first, second]);
      const nobody = client.sms.send({ appId: 'nobody', numbers: first, content: 'hello' });
      assert.equal(await codeOf(nobody), -24);
    });

    test('files are listed and deleted', async () => {
      const fileId = await client.files.upload({
        fileName: `deleted-${index}.wav`,
        file: encodeWav(toneSequence([880], 1, 0), 1),
      });
      const names = async (): Promise<string[]> => {
        const list: string[] = [];
        for await (const { fileName } of client.files.each()) list.push(fileName);
        return list;
      };
      assert.ok((await names()).includes(`deleted-${index}.wav`));
      await client.files.delete([fileId]);
      assert.ok(!(await names()).includes(`deleted-${index}.wav`));
      assert.equal(await codeOf(client.files.delete([fileId])), -24);
    });

    test('who signs with another secret is told so', async () => {
      const other = new CarillonClient({
        baseUrl: carillon.baseUrl + prefix,
        apiKey: carillon.credentials.apiKey,
        apiSecret: 'wrong',
      });
      assert.equal(await codeOf(other.tasks.detail(1)), -1);
    });
  });
}
