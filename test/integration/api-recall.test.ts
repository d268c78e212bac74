import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { sql } from 'kysely';
import { createAccount } from '../../src/domain/account/account-store.ts';
import { createApp } from '../../src/domain/app/app-store.ts';
import { openTestApi, recordsOf, signed, type TestApi } from '../support/api-server.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import { toneSequence } from '../support/tone.ts';
import { encodeWav } from '../support/wav.ts';

let api: TestApi;
let voiceFileId: string;
let taskId: number;
let flowId: number;
let taskCount = 0;

before(async () => {
  api = await openTestApi();
  voiceFileId = textAt((await api.post('/v3/voice/fileUpload', { fileName: 'hello.wav', file: wav })).data);
});
after(() => api.close());
beforeEach(async () => {
  const speech = { source: 3, text: 'Again', lan: 'EN', accent: '44', speakingRate: 2, ssmlGender: 1, hangUpSms: 0 };
  const answer = await api.post('/v3/voice/group/call/send', {
    appId: api.appId,
    taskName: `parent ${++taskCount}`,
    numberList: ['8613242926514'],
    source: 1,
    voiceFileId,
    loopCount: 1,
    maxCalls: 40,
    sendTime: '2099-01-01 08:00:00',
    recallFlow: {
      recallType: '1',
      recallInterval: 30,
      recallNum: 3,
      nodeList: [{ source: 1, voiceFileId, hangUpSms: 0, toSeat: 0 }, speech],
    },
  });
  assert.equal(answer.code, 0, answer.msg);
  taskId = numberAt(answer.data);
  flowId = numberAt((await api.request(`/v3/voice/group/call/detail/${taskId}`)).data, 'recallFlowId');
});

const wav = encodeWav(toneSequence([440], 0.2, 0), 1).toString('base64');
const detail = async (): Promise<Json> => {
  const answer = await api.post('/v3/voice/recallFlow/queryDetail', { keyId: flowId });
  assert.deepEqual([answer.code, answer.status], [0, '0'], answer.msg);
  return answer.data;
};
const statuses = async () => {
  const data = await detail();
  return [at(data, 'status'), ...listAt(data, 'nodeList').map((node) => at(node, 'nodeStatus'))];
};
const cancel = (type: number | string, id: number) => api.post('/v3/voice/recallFlow/cancel', { type, id });
const update = (fields: object) =>
  api.post('/v3/voice/recallFlow/update', { keyId: flowId, recallType: 0, recallInterval: 5, recallNum: 2, ...fields });
const setFlow = (status: 0 | 1 | 2 | 3 | 4) =>
  api.database.db.updateTable('recall_flow').set({ status }).where('flow_id', '=', flowId).execute();

test('queryDetail shows the plan, with every field of the page and of its example', async () => {
  const data = await detail();
  const nodes = listAt(data, 'nodeList');
  assert.deepEqual(
    {
      ...Object.fromEntries(Object.entries(Object(data))),
      nodeList: nodes.length,
      records: listAt(data, 'records').length,
    },
    {
      keyId: flowId,
      recallInterval: 30,
      recallNum: 3,
      recallType: 1,
      status: 0,
      statusReason: null,
      nodeList: 3,
      records: 3,
      total: 3,
      size: 3,
      current: 1,
      searchCount: true,
      pages: 1,
    },
  );
  assert.deepEqual(nodes, listAt(data, 'records'));
  const nothing = {
    taskId: null,
    nodeStatus: 0,
    uploadName: null,
    hangUpSms: 0,
    idxSmsAppId: null,
    smsContent: null,
    senderId: null,
    feedbackValue: null,
    feedbackPush: null,
    successPush: null,
    successPushTime: null,
    failedPush: null,
    ringPush: null,
    toSeat: 0,
    sipGroupId: null,
    outboundControl: null,
    calloutRate: null,
    toSeatType: null,
    toSeatKey: null,
    delayTransfer: 0,
    statusReason: null,
    dueTime: null,
  };
  const keyOf = (index: number): number => numberAt(nodes[index] ?? null, 'keyId');
  const spoken = {
    ...nothing,
    source: 3,
    voiceFileId: null,
    voiceFileName: null,
    text: 'Again',
    lan: 'EN',
    speakingRate: 2,
    ssmlGender: 1,
    accent: 44,
  };
  assert.deepEqual(nodes, [
    {
      ...nothing,
      keyId: keyOf(0),
      source: 1,
      voiceFileId,
      voiceFileName: 'hello.wav',
      text: null,
      lan: null,
      speakingRate: null,
      ssmlGender: null,
      accent: null,
    },
    { ...spoken, keyId: keyOf(1) },
    // The last given node's settings go on.
    { ...spoken, keyId: keyOf(2) },
  ]);
});

test("a node's SMS application is shown by its number, and only the account's own", async () => {
  const { db } = api.database;
  const other = await createAccount(db, { name: `neighbour ${taskCount}` });
  const ours = await createApp(db, { accountId: api.account.accountId, name: `sms ${taskCount}`, kind: 'sms' });
  const theirs = await createApp(db, { accountId: other.accountId, name: 'sms', kind: 'sms' });
  const node = { source: 1, voiceFileId, hangUpSms: 0 };
  await update({
    recallNum: 3,
    nodeList: [
      { ...node, smsAppId: ours.appId },
      { ...node, smsAppId: theirs.appId },
    ],
  });
  const nodes = listAt(await detail(), 'nodeList');
  assert.deepEqual(
    nodes.map((shown) => [at(shown, 'idxSmsAppId'), at(shown, 'voiceFileName')]),
    [
      [ours.appSeq, 'hello.wav'],
      [null, 'hello.wav'],
      [null, 'hello.wav'],
    ],
  );
});

test("a node that names no SMS application shows its parent's, which its messages leave over", async () => {
  const { db } = api.database;
  const ours = await createApp(db, { accountId: api.account.accountId, name: `sms ${taskCount}`, kind: 'sms' });
  await sql`update task set settings = jsonb_set(settings, '{hangUpSms,smsAppId}', to_jsonb(${ours.appId}::text)) where task_id = ${taskId}`.execute(
    db,
  );
  const nodes = listAt(await detail(), 'nodeList');
  assert.deepEqual(
    nodes.map((shown) => at(shown, 'idxSmsAppId')),
    [ours.appSeq, ours.appSeq, ours.appSeq],
  );
});

test('queryPage with a keyId alone answers the nodes of that flow as a page', async () => {
  const answer = await api.post('/v3/voice/recallFlow/queryPage', { keyId: flowId });
  assert.deepEqual([answer.code, answer.status], [0, 0]);
  assert.deepEqual(recordsOf(answer), listAt(await detail(), 'nodeList'));
  assert.deepEqual([at(answer.data, 'total'), at(answer.data, 'pages'), at(answer.data, 'searchCount')], [3, 1, true]);
  const second = await api.post('/v3/voice/recallFlow/queryPage', { keyId: String(flowId), size: 1, current: 2 });
  assert.deepEqual(recordsOf(second), [listAt(await detail(), 'nodeList')[1]]);
  // A client that writes out every field of its request object.
  const nulls = { keyId: flowId, current: null, size: null, params: { strTime: null, endTime: null, taskName: null } };
  assert.deepEqual(recordsOf(await api.post('/v3/voice/recallFlow/queryPage', nulls)), recordsOf(answer));
});

test('queryPage lists flows by span, by words of the task name and by task id', async () => {
  const span = { strTime: '2020-01-01 00:00:00', endTime: '2098-12-31 23:59:59' };
  const page = (params: object) =>
    api.post('/v3/voice/recallFlow/queryPage', { current: 1, size: 100, params: { ...span, ...params } });
  const found = recordsOf(await page({ taskName: String(taskId) }));
  assert.equal(found.length, 1);
  const flow = found[0] ?? null;
  assert.match(textAt(flow, 'createTime'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual(
    { ...Object(flow), createTime: null },
    {
      keyId: flowId,
      taskId,
      taskName: `parent ${taskCount}`,
      createTime: null,
      recallType: 1,
      recallInterval: 30,
      recallNum: 3,
      finishNum: 0,
      status: 0,
      statusReason: null,
    },
  );
  assert.equal(recordsOf(await page({ taskName: `PARENT ${taskCount}` })).length, 1);
  assert.equal(recordsOf(await page({})).length, taskCount);
  assert.equal((await page({ strTime: null })).status, -22);
  assert.equal((await api.post('/v3/voice/recallFlow/queryPage', { current: 1, size: 10 })).status, -22);
});

test('a pending flow is changed as a whole, with an upload in a node', async () => {
  const answer = await update({
    nodeList: [{ source: 2, uploadName: `node${taskCount}.wav`, baseFile: wav, hangUpSms: 0 }],
  });
  assert.deepEqual(answer, { httpStatus: 200, code: 0, msg: 'success', status: 0, reason: 'success', data: null });
  const data = await detail();
  assert.deepEqual([at(data, 'recallType'), at(data, 'recallInterval'), at(data, 'recallNum')], [0, 5, 2]);
  const nodes = listAt(data, 'nodeList');
  assert.deepEqual(
    nodes.map((node) => [at(node, 'source'), at(node, 'voiceFileName')]),
    Array(2).fill([2, `node${taskCount}.wav`]),
  );
});

test('a flow that is not pending is neither changed nor cancelled, and the message says its state', async () => {
  await setFlow(1);
  for (const answer of [await update({}), await cancel(1, flowId), await cancel(2, taskId)]) {
    assert.deepEqual([answer.code, answer.status], [-22, -22]);
    assert.match(answer.msg, /in progress/);
  }
});

test('cancel by flow, by parent task, and by node with the nodes after it', async () => {
  const nodes = listAt(await detail(), 'nodeList').map((node) => numberAt(node, 'keyId'));
  const answer = await cancel('3', nodes[1] ?? 0);
  assert.deepEqual(answer, { httpStatus: 200, code: 0, msg: 'success', status: 0, reason: 'success', data: null });
  assert.deepEqual((await statuses()).slice(1), [0, 3, 3]);
  assert.equal((await cancel(3, nodes[2] ?? 0)).status, -22);
  assert.equal((await cancel(1, flowId)).status, 0);
  assert.deepEqual(await statuses(), [3, 3, 3, 3]);
});

test('cancel by parent task', async () => {
  assert.equal((await cancel(2, taskId)).status, 0);
  assert.equal((await statuses())[0], 3);
});

test('unknown, and of another account: -22', async () => {
  const headers = signed(await createAccount(api.database.db, { name: `other ${taskCount}` }), Date.now());
  const asked = await api.request('/v3/voice/recallFlow/queryDetail', {
    method: 'POST',
    headers,
    body: { keyId: flowId },
  });
  assert.deepEqual([asked.code, asked.status], [-22, '-22']);
  assert.match(asked.msg, /does not exist/);
  const requests: [string, object][] = [
    ['queryDetail', { keyId: 999_999 }],
    ['queryDetail', {}],
    ['queryDetail', { keyId: 'x' }],
    ['queryPage', { keyId: 999_999 }],
    ['cancel', { type: 1, id: 999_999 }],
    ['cancel', { type: 2, id: 999_999 }],
    ['cancel', { type: 3, id: 999_999 }],
    ['cancel', { type: 4, id: flowId }],
    ['cancel', { type: 1 }],
    ['update', { keyId: 999_999, recallType: 0, recallInterval: 1, recallNum: 1 }],
  ];
  for (const [path, body] of requests) {
    const answer = await api.post(`/v3/voice/recallFlow/${path}`, body);
    assert.equal(Number(answer.code), -22, `${path} ${JSON.stringify(body)}: ${answer.msg}`);
  }
});

for (const [fields, message] of [
  [{ recallInterval: 1441 }, /^recallInterval: must be an integer from 1 to 1440/],
  [{ recallNum: 0 }, /^recallNum: must be an integer from 1 to 10/],
  [{ recallType: 2 }, /^recallType: must be one of 0, 1/],
  [{ recallType: null }, /^recallType: is required/],
  [
    {
      recallNum: 1,
      nodeList: [
        { source: 1, voiceFileId: 'a' },
        { source: 1, voiceFileId: 'b' },
      ],
    },
    /^nodeList: must have at most recallNum/,
  ],
  [{ nodeList: [{ source: 3, text: 'x', lan: 'XX' }] }, /^nodeList\[0\]\.lan: /],
  [{ nodeList: [{}] }, /^nodeList\[0\]\.source: is required/],
  [{ nodeList: {} }, /^nodeList: must be a list/],
] as const) {
  test(`update with ${JSON.stringify(fields)} is -22`, async () => {
    const answer = await update(fields);
    assert.deepEqual([answer.httpStatus, answer.code, answer.status], [200, -22, -22]);
    assert.match(answer.msg, message);
  });
}
