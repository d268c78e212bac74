import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { enqueueOverdue } from '../../src/domain/job/overdue.ts';
import { getFlowDetail } from '../../src/domain/recall/flow-detail.ts';
import { getTaskDetail } from '../../src/domain/task/query.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { callEverybody, createDomainFixture, flowOf, settingsOf, submissionOf } from '../support/domain-fixture.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

test('what is overdue gets its job again, and nothing else does', async () => {
  const fixture = await createDomainFixture(database, 'overdue');
  const { scheduling } = fixture;
  const { accountId } = fixture.account;
  const submit = (taskName: string, fields: Parameters<typeof submissionOf>[1] = {}) =>
    submitTask(database.db, accountId, submissionOf(fixture, { taskName, ...fields }), scheduling);
  const at = (ms: number) => new Date(scheduling.clock.now() + ms);
  const spoken = await submit('spoken', { settings: settingsOf({ source: 3, text: 'Hello', lan: 'EN' }) });
  const waiting = await submit('waiting', { sendTime: at(10_000) });
  await submit('waiting longer', { sendTime: at(3_600_000) });
  await submit('calling');
  const parent = await submit('parent', { recallFlow: flowOf({ recallInterval: 1 }) });
  await callEverybody(fixture, parent, () => 20);
  const ended = await submit('ended', { recallFlow: flowOf({ recallInterval: 1 }) });
  await callEverybody(fixture, ended, () => 20);
  await sql`update recall_flow set status = 3 where task_id = ${ended}`.execute(database.db);
  const { flowId } = await getTaskDetail(database.db, accountId, parent);
  const node = (await getFlowDetail(database.db, accountId, flowId ?? 0)).nodes[0];

  scheduling.enqueued.length = 0;
  assert.equal(await enqueueOverdue(database.db, 300_000, scheduling), 0);
  scheduling.advance(400_000);
  assert.equal(await enqueueOverdue(database.db, 300_000, scheduling), 3);
  assert.deepEqual(scheduling.enqueued, [
    { name: 'task.prepare', data: { taskId: spoken }, startAfter: null },
    { name: 'task.start', data: { taskId: waiting }, startAfter: null },
    { name: 'recall.node', data: { nodeId: node?.nodeId }, startAfter: null },
  ]);
});
