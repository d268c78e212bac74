import assert from 'node:assert/strict';
import { before, describe, type TestContext, test } from 'node:test';
import { at, type Json, listAt, numberAt } from '../support/json.ts';
import { needsAdmin } from './kit/conforms.ts';
import { nobodyToCall } from './kit/people.ts';
import { newFlow } from './kit/recall-client.ts';
import { spanOfDays } from './kit/record-client.ts';
import { farFuture, serverUnderTest, toneFile, uniqueText } from './kit/server-under-test.ts';
import { always } from './kit/span-case.ts';

/** What is one account's does not exist for another (contract 15.8 says it of flows): not to be read, changed, played or paid for. */
const server = serverUnderTest();
let stranger = { accountId: 0, appId: '', apiKey: '', apiSecret: '' };
/** What the suite's own account has. */
let theirs = { voiceFileId: '', taskId: 0, over: 0, flowId: 0, nodeId: 0 };
/** What the other account has, for requests that name something of both. */
let ownFile = '';
let ownTask = 0;
before(async () => {
  await server.open();
  if (server.settings.admin === null) return;
  const voiceFileId = await server.uploadTone();
  const { taskId, keyId: flowId } = await newFlow(server, voiceFileId);
  const nodeId = numberAt(await server.mustPost('/recallFlow/queryDetail', { keyId: flowId }), 'nodeList', 0, 'keyId');
  const over = await server.sendTask({ voiceFileId, numberList: ['8613800000001'] });
  await server.mustPost('/group/call/cancel', { taskIdList: [over] });
  theirs = { voiceFileId, taskId, over, flowId, nodeId };
  stranger = await server.account({});
  const uploaded = await server.post('/fileUpload', { fileName: `${uniqueText(8)}.wav`, file: toneFile() }, stranger);
  ownFile = String(uploaded.data);
  ownTask = Number((await server.post('/group/call/send', ownTaskRequest(), stranger)).data);
});

const played = (): { readonly [key: string]: Json } => ({ source: 1, voiceFileId: ownFile });
const named = (): { readonly [key: string]: Json } => ({ taskName: uniqueText(10), ...played() });
const ownTaskRequest = (): { readonly [key: string]: Json } => ({
  ...named(),
  appId: stranger.appId,
  numberList: ['8613800000001'],
  maxCalls: 30,
  sendTime: farFuture,
});
const plan = { recallType: 0, recallInterval: 5, recallNum: 1 };
const direct = (): { readonly [key: string]: Json } => ({ appId: stranger.appId, callee: '8613800000001' });

type Row = readonly [path: string, code: number, named: () => Json, request: () => Json];

/** Each names something of the suite's account, in a request that is right otherwise. */
const rows: readonly Row[] = [
  ['/group/call/update', -24, () => theirs.taskId, () => ({ ...named(), keyId: theirs.taskId })],
  ['/group/call/resend', -24, () => theirs.over, () => ({ ...named(), keyId: theirs.over, sendTime: farFuture })],
  ['/group/call/cancel', -24, () => theirs.taskId, () => ({ taskIdList: [theirs.taskId] })],
  ['/group/call/cancel', -24, () => theirs.taskId, () => ({ taskIdList: [ownTask, theirs.taskId] })],
  ['/group/call/provisional', -24, () => theirs.taskId, () => ({ jobIdList: [theirs.taskId] })],
  ['/group/call/resume', -24, () => theirs.taskId, () => ({ taskIdList: [theirs.taskId] })],
  ['/group/call/records', -24, () => theirs.taskId, () => ({ params: { taskId: theirs.taskId } })],
  ['/recallFlow/update', -22, () => theirs.flowId, () => ({ ...plan, keyId: theirs.flowId })],
  ['/recallFlow/cancel', -22, () => theirs.flowId, () => ({ type: 1, id: theirs.flowId })],
  ['/recallFlow/cancel', -22, () => theirs.taskId, () => ({ type: 2, id: theirs.taskId })],
  ['/recallFlow/cancel', -22, () => theirs.nodeId, () => ({ type: 3, id: theirs.nodeId })],
  ['/recallFlow/queryDetail', -22, () => theirs.flowId, () => ({ keyId: theirs.flowId })],
  ['/recallFlow/queryPage', -22, () => theirs.flowId, () => ({ keyId: theirs.flowId })],
  ['/fileDel', -24, () => theirs.voiceFileId, () => ({ fileIdList: [ownFile, theirs.voiceFileId] })],
  ['/group/call/send', -24, () => theirs.voiceFileId, () => ({ ...ownTaskRequest(), voiceFileId: theirs.voiceFileId })],
  ['/group/call/send', -24, () => server.settings.appId, () => ({ ...ownTaskRequest(), appId: server.settings.appId })],
  ['/sendGroup', -22, () => 'fileId', () => ({ ...direct(), fileId: theirs.voiceFileId })],
  ['/sendGroup', -22, () => 'appId', () => ({ ...direct(), fileId: ownFile, appId: server.settings.appId })],
  [
    '/sendCode',
    -22,
    () => 'appId',
    () => ({ ...direct(), language: 'EN', text: 'hello', appId: server.settings.appId }),
  ],
];

describe('what is of another account does not exist', () => {
  for (const [path, code, name, request] of rows) {
    test(`${path} refuses with ${code}, and names it`, async (context) => {
      if (needsAdmin(context, server)) return;
      const answer = await server.post(path, request(), stranger);
      assert.equal(answer.code, code, answer.body);
      assert.match(answer.message, new RegExp(String(name())));
    });
  }

  test('a task cannot be looked at', async (context) => {
    if (needsAdmin(context, server)) return;
    const answer = await server.get(`/group/call/detail/${theirs.taskId}`, stranger);
    assert.equal(answer.code, -24, answer.body);
  });

  test('an SMS application cannot be used', async (context) => {
    const { smsAppId } = server.settings;
    if (needsAdmin(context, server) || smsAppId === null) return;
    const sms = { hangUpSms: 1, smsAppId, smsContent: 'hello', failedPush: 1 };
    const answer = await server.post('/group/call/send', { ...ownTaskRequest(), ...sms }, stranger);
    assert.equal(answer.code, -24, answer.body);
  });

  test('a template cannot be spoken', async (context) => {
    const { templateId } = server.settings;
    if (cannotCall(context) || templateId === null) return;
    const numberList = [{ callee: '8613800000001', dimensionId: templateId, text1: 'Tom' }];
    const { data = null } = await server.post('/sendIvr', { appId: stranger.appId, numberList }, stranger);
    assert.equal(at(data, 0, 'terminationCode'), '-22');
  });

  for (const [path, params] of [
    ['/group/call/query', always],
    ['/recallFlow/queryPage', always],
    ['/recordGroupQuery', spanOfDays(1, 1)],
    ['/fileQuery', null],
  ] as const) {
    test(`${path} lists nothing of it`, async (context) => {
      if (needsAdmin(context, server)) return;
      const { data = null } = await server.post(path, { current: 1, size: 100, params }, stranger);
      const own = [ownFile, ownTask];
      const ids = listAt(data, 'records').map((record) =>
        path === '/fileQuery' ? at(record, 'fileId') : at(record, 'taskId'),
      );
      assert.deepEqual(
        ids.filter((id) => !own.some((other) => other === id)),
        [],
      );
    });
  }

  test('and none of all this has changed it', async (context) => {
    if (needsAdmin(context, server)) return;
    assert.equal(at(await server.mustGet(`/group/call/detail/${theirs.taskId}`), 'status'), 0);
    const { data = null } = await server.get(`/group/call/detail/${ownTask}`, stranger);
    assert.equal(at(data, 'status'), 0, 'all or nothing: what was named beside it stayed, too');
    const flow = await server.mustPost('/recallFlow/queryDetail', { keyId: theirs.flowId });
    assert.deepEqual([at(flow, 'status'), at(flow, 'recallInterval')], [0, 30]);
    await server.sendTask({ voiceFileId: theirs.voiceFileId, numberList: ['8613800000001'] });
  });
});

describe('names are unique within an account, not beyond it (contract 3.1, 4.1)', () => {
  test('of a task and of a file', async (context) => {
    if (needsAdmin(context, server)) return;
    const taskName = uniqueText(10);
    await server.sendTask({ voiceFileId: theirs.voiceFileId, numberList: ['8613800000001'], taskName });
    const sent = await server.post('/group/call/send', { ...ownTaskRequest(), taskName }, stranger);
    assert.equal(sent.code, 0, sent.body);
    const file = { fileName: `${uniqueText(8)}.wav`, file: toneFile() };
    for (const credentials of [stranger, server.settings.credentials]) {
      const uploaded = await server.post('/fileUpload', file, credentials);
      assert.equal(uploaded.code, 0, uploaded.body);
    }
  });
});

describe('times without zone are in the zone of the account (contract 15.10)', () => {
  for (const [timeZone, offset] of [
    [undefined, '+08:00'],
    ['Asia/Kathmandu', '+05:45'],
  ] as const) {
    test(`${timeZone ?? 'unless one is set, UTC+8'}`, async (context) => {
      if (needsAdmin(context, server)) return;
      const account = await server.account(timeZone === undefined ? {} : { timeZone });
      const file = { fileName: `${uniqueText(8)}.wav`, file: toneFile() };
      const voiceFileId = String((await server.post('/fileUpload', file, account)).data);
      const request = { ...ownTaskRequest(), appId: account.appId, voiceFileId };
      const { data: taskId = null } = await server.post('/group/call/send', request, account);
      const { data = null } = await server.get(`/group/call/detail/${taskId}`, account);
      assert.equal(at(data, 'sendTime'), farFuture);
      const madeMs = Date.parse(`${String(at(data, 'createdTime')).replace(' ', 'T')}${offset}`);
      // Other zones are at least a quarter of an hour off; the two clocks are not.
      assert.ok(Math.abs(Date.now() - madeMs) < 10 * 60_000, `${at(data, 'createdTime')} is not now in ${offset}`);
    });
  }
});

function cannotCall(context: TestContext): boolean {
  if (needsAdmin(context, server)) return true;
  const reason = nobodyToCall(server);
  if (reason !== null) context.skip(reason);
  return reason !== null;
}
