import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { openTaskApi, type TaskApi } from '../support/api-task.ts';
import { claimFrom } from '../support/dialer-fixture.ts';
import { at } from '../support/json.ts';
import { chargeAccount, topUp } from '../support/rates.ts';

let api: TaskApi;
let processId: string;
before(async () => {
  api = await openTaskApi();
  processId = randomUUID();
  await registerProcess(api.database.db, { processId, kind: 'dialer', host: 'test', pid: 1 });
});
after(() => api.close());

const claim = async (taskId: number): Promise<number> =>
  (await claimFrom(api.database.db, processId, [{ taskId, max: 1, isCharged: true }])).length;
const resumeTasks = () => api.admin('POST', `/accounts/${api.account.accountId}/balance/resume-tasks`);
const statusOf = async (taskId: number) => at(await api.detail(taskId), 'status');

test('after a top-up the operator resumes what was suspended for want of money, and nothing else', async () => {
  const { db } = api.database;
  assert.equal((await resumeTasks()).status, 404, 'the account is postpaid');
  await chargeAccount(db, api.account.accountId, { rates: [['86', '60', '1+1']], money: '5' });
  // A second costs 1. Of what there is when the tasks are sent, another task has spent 1 when they are called.
  const short = await api.sent({ maxCalls: 4 });
  const [unpaid, alsoUnpaid, unwanted] = [
    await api.sent({ maxCalls: 5 }),
    await api.sent({ maxCalls: 5 }),
    await api.sent({ maxCalls: 5 }),
  ];
  await api.post('/v3/voice/group/call/provisional', { taskIdList: [unwanted] });
  await db.updateTable('account_balance').set({ balance: '4' }).execute();
  for (const taskId of [unpaid, alsoUnpaid]) assert.equal(await claim(taskId), 0);
  assert.deepEqual(await Promise.all([short, unpaid, alsoUnpaid, unwanted].map(statusOf)), [1, 5, 5, 5]);

  await topUp(db, api.account.accountId, '6');
  const [first, second] = await Promise.all([resumeTasks(), resumeTasks()]);
  const resumed = [first, second].flatMap(({ body }) => at(body, 'taskIds'));
  assert.deepEqual(resumed, [unpaid, alsoUnpaid], 'once, however often it is asked for');
  assert.deepEqual(await Promise.all([short, unpaid, alsoUnpaid, unwanted].map(statusOf)), [1, 1, 1, 5]);
  assert.equal(await claim(unpaid), 1);
  assert.deepEqual((await resumeTasks()).body, { taskIds: [] });
});
