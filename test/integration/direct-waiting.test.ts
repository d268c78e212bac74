import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { openTaskApi, pick, type TaskApi } from '../support/api-task.ts';
import { signedHeaders } from '../support/dialect-client.ts';
import { claimFrom } from '../support/dialer-fixture.ts';
import { at, listAt, textAt } from '../support/json.ts';

let api: TaskApi;
before(async () => {
  api = await openTaskApi();
});
after(() => api.close());

const recordGroup = (voiceId: string) => api.request(`/v3/voice/recordGroup/${voiceId}`);
const given = ['voiceId', 'callee', 'displayNum', 'calledInfo', 'type', 'dimensionId'];
/** What there is nothing to say of before the call. */
const later = [
  ...['callTime', 'ringingTime', 'answerTime', 'hangupTime', 'terminationCode', 'callStatus', 'sipCode'],
  ...['feedbackValue', 'cost', 'chargedDuration', 'taskId'],
];

test('a voice id is known from the answer on, before any dialer has looked', async () => {
  const callee = '932111111111,932111111112';
  const fields = { appId: api.appId, fileId: api.voiceFileId, callee, displayNum: '1008122211', calledInfo: 'order 7' };
  const sent = await api.post('/v3/voice/sendGroup', fields);
  const voiceIds = listAt(sent.data).map((entry) => textAt(entry, 'voiceId'));
  for (const [index, voiceId] of voiceIds.entries()) {
    const answer = await recordGroup(voiceId);
    assert.equal(answer.code, 0, answer.msg);
    assert.deepEqual(pick(answer.data, ...given), {
      ...{ voiceId, callee: callee.split(',')[index] ?? '', displayNum: '1008122211', calledInfo: 'order 7' },
      ...{ type: 1, dimensionId: null },
    });
    assert.deepEqual(
      later.map((name) => at(answer.data, name)),
      later.map(() => null),
    );
    assert.match(textAt(answer.data, 'submitTime'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
  }

  // It says the same once it is claimed.
  const processId = randomUUID();
  await registerProcess(api.database.db, { processId, kind: 'dialer', host: 'test', pid: 1 });
  const waiting = (await recordGroup(voiceIds[0] ?? '')).data;
  const taskId = Number((voiceIds[0] ?? '').slice(6, -6));
  assert.equal((await claimFrom(api.database.db, processId, [{ taskId, max: 1 }])).length, 1);
  const claimed = (await recordGroup(voiceIds[0] ?? '')).data;
  assert.deepEqual({ ...Object(claimed), submitTime: '' }, { ...Object(waiting), submitTime: '' });
});

test("a template's variables, and a code", async () => {
  const template = { accountId: api.account.accountId, name: api.unique(), lan: 'EN', text: 'Hello {Text1}' };
  const dimensionId = Number(at((await api.admin('POST', '/templates', template)).body, 'templateId'));
  const numberList = [{ callee: '932111111111', dimensionId, text1: 'Tom' }];
  const ivr = await api.post('/v3/voice/sendIvr', { appId: api.appId, numberList });
  const ofIvr = await recordGroup(textAt(ivr.data, 0, 'voiceId'));
  assert.deepEqual(pick(ofIvr.data, 'calledInfo', 'dimensionId'), { calledInfo: '{"text1":"Tom"}', dimensionId });
  const code = { appId: api.appId, callee: '932111111111', language: 'EN', text: '1,2,3,4', recallCount: 2 };
  const sent = await api.post('/v3/voice/sendCode', code);
  const ofCode = await recordGroup(textAt(sent.data));
  assert.deepEqual(pick(ofCode.data, 'type', 'outRecallCount', 'callStatus'), {
    ...{ type: 2, outRecallCount: 0, callStatus: null },
  });
});

test("what was given to nobody is not known: another account's, a place too many, a client's task", async () => {
  const fields = { appId: api.appId, fileId: api.voiceFileId, callee: '932111111111' };
  const voiceId = textAt((await api.post('/v3/voice/sendGroup', fields)).data, 0, 'voiceId');
  const other = (await api.admin('POST', '/accounts', { name: api.unique() })).body;
  const theirs = { apiKey: textAt(other, 'apiKey'), apiSecret: textAt(other, 'apiSecret') };
  const answers = [
    await api.request(`/v3/voice/recordGroup/${voiceId}`, { headers: signedHeaders(theirs) }),
    await recordGroup(`${voiceId.slice(0, -6)}000002`),
    await recordGroup(`${voiceId.slice(0, 6)}${await api.sent()}000001`),
  ];
  assert.deepEqual(
    answers.map(({ code }) => code),
    [-22, -22, -22],
  );
});
