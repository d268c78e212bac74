import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { recordsOf } from '../support/api-server.ts';
import { openTaskApi, type TaskApi } from '../support/api-task.ts';
import { at, listAt, textAt } from '../support/json.ts';

let api: TaskApi;
/** Of direct calls of each kind, and of the one that is made again. */
let taskIds: readonly number[];
let flow: { readonly flowId: number; readonly nodeId: number; readonly taskId: number };

before(async () => {
  api = await openTaskApi();
  const { appId } = api;
  const group = await api.post('/voice/sendGroup', { appId, fileId: api.voiceFileId, callee: '932111111111' });
  const code = { appId, language: 'EN', text: 'Your code is 4,7,1,1', callee: '932111111112', recallCount: 2 };
  const again = await api.post('/voice/sendCode', code);
  taskIds = [textAt(group.data, 0, 'voiceId'), textAt(again.data)].map((voiceId) => Number(voiceId.slice(6, -6)));
  const { flow_id: flowId, task_id: taskId } = await api.database.db
    .selectFrom('recall_flow')
    .select(['flow_id', 'task_id'])
    .executeTakeFirstOrThrow();
  const { node_id: nodeId } = await api.database.db
    .selectFrom('recall_node')
    .select('node_id')
    .where('flow_id', '=', flowId)
    .orderBy('ordinal')
    .executeTakeFirstOrThrow();
  flow = { flowId, taskId, nodeId };
});
after(() => api.close());

const params = { strTime: '2020-01-01 00:00:00', endTime: '2098-12-31 23:59:59' };
const page = (path: string, more: object = {}) =>
  api.post(`/v3/voice/${path}`, { current: 1, size: 100, params: { ...params, ...more } });

const untouched = async () => {
  const { db } = api.database;
  const tasks = await db.selectFrom('task').select(['task_id', 'status', 'settings', 'task_name']).execute();
  const flows = await db.selectFrom('recall_flow').select(['flow_id', 'status', 'interval_min']).execute();
  const nodes = await db.selectFrom('recall_node').select(['node_id', 'status']).execute();
  return { tasks, flows, nodes };
};

test('no list has them, by any filter', async () => {
  const filters = [{}, { statusList: [1] }, { searchCondition: 'send' }, { searchCondition: 'code' }];
  for (const filter of filters) assert.deepEqual(recordsOf(await page('group/call/query', filter)), []);
  const flowFilters = [{}, { taskName: 'sendCode' }, { taskName: String(flow.taskId) }];
  for (const filter of flowFilters) assert.deepEqual(recordsOf(await page('recallFlow/queryPage', filter)), []);
});

test('none can be shown, changed, stopped or sent again, and trying changes nothing', async () => {
  const before = await untouched();
  for (const taskId of taskIds) {
    const content = { source: 1, voiceFileId: api.voiceFileId };
    const answers = [
      await api.request(`/v3/voice/group/call/detail/${taskId}`),
      await page('group/call/records', { taskId }),
      await api.post('/v3/voice/group/call/cancel', { taskIdList: [taskId] }),
      await api.post('/v3/voice/group/call/provisional', { taskIdList: [taskId] }),
      await api.post('/v3/voice/group/call/resume', { taskIdList: [taskId] }),
      await api.post('/v3/voice/group/call/update', { keyId: taskId, taskName: 'mine', ...content }),
      await api.post('/v3/voice/group/call/resend', { keyId: taskId, taskName: 'mine', resendType: 0, ...content }),
    ];
    for (const answer of answers) {
      assert.equal(Number(answer.code), -24, answer.msg);
      assert.match(answer.msg, new RegExp(`task ${taskId} does not exist`));
    }
  }
  assert.deepEqual(await untouched(), before);
});

test('their recall flows neither', async () => {
  const before = await untouched();
  const plan = { recallType: 1, recallInterval: 1, recallNum: 1 };
  const answers = [
    await api.post('/v3/voice/recallFlow/queryDetail', { keyId: flow.flowId }),
    await api.post('/v3/voice/recallFlow/queryPage', { keyId: flow.flowId }),
    await api.post('/v3/voice/recallFlow/update', { keyId: flow.flowId, ...plan }),
    await api.post('/v3/voice/recallFlow/cancel', { type: 1, id: flow.flowId }),
    await api.post('/v3/voice/recallFlow/cancel', { type: 2, id: flow.taskId }),
    await api.post('/v3/voice/recallFlow/cancel', { type: 3, id: flow.nodeId }),
  ];
  for (const answer of answers) {
    assert.equal(Number(answer.code), -22, answer.msg);
    assert.match(answer.msg, /does not exist|has no recall flow/);
  }
  assert.deepEqual(await untouched(), before);
});

test('the operator sees them where they are asked for', async () => {
  const plain = (await api.admin('GET', '/status')).body;
  assert.deepEqual([listAt(plain, 'runningTasks'), at(plain, 'tasksByStatus')], [[], {}]);
  const all = (await api.admin('GET', '/status?hidden=true')).body;
  assert.deepEqual(
    listAt(all, 'runningTasks').map((task) => [at(task, 'taskId'), at(task, 'isHidden')]),
    taskIds.map((taskId) => [taskId, true]),
  );
  const one = await api.admin('GET', `/tasks/${taskIds[0]}`);
  assert.deepEqual([at(one.body, 'taskName'), at(one.body, 'isHidden')], ['sendGroup', true]);
});

test('a task of a client may have any name', async () => {
  for (const taskName of ['sendGroup', 'sendCode', 'sendCode#1']) await api.sent({ taskName });
});
