import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { later, openTaskApi, pick, type TaskApi } from '../support/api-task.ts';
import { numberAt } from '../support/json.ts';

let api: TaskApi;
before(async () => {
  api = await openTaskApi();
});
after(() => api.close());

const settings = async (taskId: number) => pick(await api.detail(taskId), 'detectMachine', 'machineAction');

test('machine detection is off unless it is asked for', async () => {
  assert.deepEqual(await settings(await api.sent()), { detectMachine: 0, machineAction: 1 });
});

test('a task says whether machines are detected, and what is done with them', async () => {
  assert.deepEqual(await settings(await api.sent({ detectMachine: 1 })), { detectMachine: 1, machineAction: 1 });
  const leaving = await api.sent({ detectMachine: '1', machineAction: '2' });
  assert.deepEqual(await settings(leaving), { detectMachine: 1, machineAction: 2 });
});

for (const [field, value] of [
  ['detectMachine', 2],
  ['machineAction', 0],
  ['machineAction', 'hang up'],
] as const) {
  test(`${field} ${value} is refused`, async () => {
    const answer = await api.send({ [field]: value });
    assert.equal(answer.code, -22);
    assert.match(answer.msg, new RegExp(`^${field}: `));
  });
}

test('an update changes what it names, and leaves the rest', async () => {
  const taskId = await api.sent({ detectMachine: 1, machineAction: 2, ...later });
  const change = { keyId: taskId, taskName: api.unique(), source: 1, voiceFileId: api.voiceFileId };
  assert.equal((await api.post('/v3/voice/group/call/update', { ...change, machineAction: 1 })).code, 0);
  assert.deepEqual(await settings(taskId), { detectMachine: 1, machineAction: 1 });
  assert.equal((await api.post('/v3/voice/group/call/update', { ...change, detectMachine: 0 })).code, 0);
  assert.deepEqual(await settings(taskId), { detectMachine: 0, machineAction: 1 });
});

test('a task that is sent again has its own', async () => {
  const taskId = await api.sent({ detectMachine: 1, machineAction: 2 });
  await api.database.db.updateTable('task').set({ status: 2 }).where('task_id', '=', taskId).execute();
  const again = { keyId: taskId, taskName: api.unique(), source: 1, voiceFileId: api.voiceFileId };
  const answer = await api.post('/v3/voice/group/call/resend', { ...again, detectMachine: 1 });
  assert.equal(answer.code, 0, answer.msg);
  assert.deepEqual(await settings(numberAt(answer.data)), { detectMachine: 1, machineAction: 1 });
});
