import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import type { Behaviour } from '../support/far-side-call.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { numbersFrom, outcomeFacts, sendTask, uploadVoice } from '../support/task-client.ts';
import { until } from '../support/until.ts';

const busyTwice = '8613800000002';
const alwaysBusy = '8613800000009';

/** Who answers when, by the number and the how manieth call it is. */
function behave(number: string, nth: number): Behaviour {
  if (number === alwaysBusy || (number === busyTwice && nth <= 2))
    return { kind: 'reject', ringMs: 50, status: 486, reason: 'Busy Here' };
  return { kind: 'answer', ringMs: 50, talkMs: null };
}

let carillon: Carillon;
let farSide: FarSide;
before(async () => {
  farSide = await startFarSide({ behave });
  carillon = await startCarillon({ env: { CARILLON_RECALL_MINUTE_MS: '200' } });
  await carillon.addTrunk(farSide.port, { maxCps: 20, maxChannels: 50 });
});
after(async () => {
  await carillon?.stop();
  await farSide?.close();
});

const callsTo = (number: string) => farSide.entries().filter((entry) => entry.number === number);
const account = () => ({ appId: carillon.appId });

/** The record of a voice id once it says what it is waited for. */
function recordOf(voiceId: string, isWanted: (record: Json) => boolean): Promise<Json> {
  let last: Json = null;
  return until(
    async () => {
      const answer = await carillon.get(`/recordGroup/${voiceId}`);
      last = answer.data;
      return last !== null && isWanted(last) ? { record: last } : null;
    },
    {
      ...{ what: `the record ${voiceId}`, timeoutMs: 60_000, everyMs: 100 },
      detail: () => `${JSON.stringify(last)}\n${carillon.log()}`,
    },
  ).then(({ record }) => record);
}

const hasEnded = (record: Json): boolean => at(record, 'hangupTime') !== null;

test('sendGroup calls the good ones of three numbers', async () => {
  const fileId = await uploadVoice(carillon, 'direct-call.wav');
  const callee = '8613800000001,12345,8613800000003';
  const answer = await carillon.post('/sendGroup', { ...account(), callee, fileId, calledInfo: 'order 7' });
  assert.equal(answer.status, '0', answer.reason);
  const results = listAt(answer.data);
  assert.deepEqual(
    results.map((result) => at(result, 'terminationCode')),
    ['0', '-22', '0'],
  );
  for (const [row, number] of [
    [0, '8613800000001'],
    [2, '8613800000003'],
  ] as const) {
    const voiceId = textAt(answer.data, row, 'voiceId');
    const record = await recordOf(voiceId, hasEnded);
    assert.deepEqual(outcomeFacts(record), { callStatus: 50, sipCode: '200', terminationCode: '0' });
    assert.deepEqual(
      ['voiceId', 'callee', 'voiceFileId', 'calledInfo', 'type', 'taskId'].map((name) => at(record, name)),
      [voiceId, number, fileId, 'order 7', 1, null],
    );
    assert.equal(callsTo(number).length, 1);
  }
  assert.equal(callsTo('12345').length, 0);
});

test('sendCode calls again until it is answered, and is one record', async () => {
  const text = 'Your code is 4,7,1,1';
  const code = { ...account(), language: 'EN', text, callee: busyTwice, recallCount: 2, recallInterval: 1 };
  const answer = await carillon.post('/sendCode', { ...code, calledInfo: 'login' });
  assert.equal(answer.status, '0', answer.reason);
  const voiceId = textAt(answer.data);
  const record = await recordOf(voiceId, (candidate) => at(candidate, 'callStatus') === 50);
  assert.deepEqual(outcomeFacts(record), { callStatus: 50, sipCode: '200', terminationCode: '0' });
  assert.deepEqual(
    ['voiceId', 'outRecallCount', 'calledInfo', 'type', 'sourceTaskId'].map((name) => at(record, name)),
    [voiceId, 2, 'login', 2, null],
  );
  assert.equal(callsTo(busyTwice).length, 3);

  const inVain = await carillon.post('/sendCode', { ...code, callee: alwaysBusy, recallCount: 1 });
  const last = await recordOf(textAt(inVain.data), (candidate) => at(candidate, 'outRecallCount') === 1);
  assert.deepEqual(outcomeFacts(last), { callStatus: 10, sipCode: '486', terminationCode: '486' });
  const params = { strTime: new Date(Date.now() - 3_600_000).toISOString(), endTime: new Date().toISOString() };
  const listed = await carillon.post('/recordGroupQuery', { current: 1, size: 100, params });
  const callees = listAt(listed.data, 'records').map((listedRecord) => textAt(listedRecord, 'callee'));
  assert.deepEqual(
    [busyTwice, alwaysBusy].map((number) => callees.filter((callee) => callee === number).length),
    [1, 1],
  );
});

test('sendIvr speaks to each their own words', async () => {
  const template = { accountId: carillon.accountId, name: 'debt', lan: 'EN', text: 'Hello {Text1}, you owe {Text2}.' };
  const dimensionId = numberAt(await carillon.admin('POST', '/templates', template), 'templateId');
  const rows: Json[] = [
    { callee: '8613800000011', dimensionId, text1: 'Tom', text2: '12 dollars' },
    { callee: '8613800000012', dimensionId, text1: 'Elizabeth Alexandra', text2: 'nothing at all, or so they say' },
    { callee: '8613800000013', dimensionId, text1: 'Ann' },
  ];
  const answer = await carillon.post('/sendIvr', { ...account(), numberList: rows });
  assert.deepEqual(
    listAt(answer.data).map((result) => at(result, 'terminationCode')),
    ['0', '0', '-22'],
  );
  const records = await Promise.all(
    [0, 1].map((row) => recordOf(textAt(answer.data, row, 'voiceId'), (record) => hasEnded(record))),
  );
  assert.deepEqual(
    records.map((record) => [at(record, 'callStatus'), at(record, 'calledInfo'), at(record, 'dimensionId')]),
    [
      [50, '{"text1":"Tom","text2":"12 dollars"}', dimensionId],
      [50, '{"text1":"Elizabeth Alexandra","text2":"nothing at all, or so they say"}', dimensionId],
    ],
  );
  const [short, long] = records.map((record) => numberAt(record, 'callDuration'));
  assert.ok((short ?? 0) < (long ?? 0), `${short} s and ${long} s: the longer words take longer`);
});

test('a code does not wait for a long task', async () => {
  const voiceFileId = await uploadVoice(carillon, 'long-task.wav');
  const numberList = numbersFrom(8613900000000, 300);
  const taskId = await sendTask(carillon, { taskName: 'long task', voiceFileId, numberList });
  await until(() => farSide.entries().length > 15, { what: 'the long task to be called', timeoutMs: 20_000 });
  const code = { ...account(), language: 'EN', text: 'Your code is 4,7,1,1', callee: '8613800000021' };
  const answer = await carillon.post('/sendCode', code);
  const before = farSide.entries().length;
  await recordOf(textAt(answer.data), (record) => at(record, 'ringingTime') !== null);
  const order = farSide.entries().findIndex(({ number }) => number === code.callee);
  assert.ok(order >= 0 && order - before < 60, `call ${order}, asked for after ${before}`);
  const detail = await carillon.get(`/group/call/detail/${taskId}`);
  assert.equal(at(detail.data, 'status'), 1, 'the long task goes on');
  await carillon.post('/group/call/cancel', { taskIdList: [taskId] });
});
