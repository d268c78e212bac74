import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { localOutcome } from '../../src/call/outcome.ts';
import { updateApp } from '../../src/domain/app/app-store.ts';
import { giveUpDirectCalls } from '../../src/domain/direct/give-up.ts';
import { submitDirectCall } from '../../src/domain/direct/submit-direct.ts';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { endCalls } from '../../src/domain/record/call-ledger-sql.ts';
import { getRecord } from '../../src/domain/record/record-query.ts';
import { unmadeCall } from '../../src/domain/record/unmade-call.ts';
import { formatVoiceId } from '../../src/domain/record/voice-id.ts';
import { writeWaitingReason } from '../../src/domain/task/claim.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { claimFrom } from '../support/dialer-fixture.ts';
import {
  createDomainFixture,
  type DomainFixture,
  directCallOf,
  statusOfTask,
  submissionOf,
} from '../support/domain-fixture.ts';

const patienceS = 600;

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;
before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'late');
  accountId = fixture.account.accountId;
  await updateApp(database.db, fixture.appId, { reportUrl: 'https://client.example/reports' });
});
after(() => database.close());

/** Three callees. */
const sendGroup = () =>
  submitDirectCall(
    database.db,
    directCallOf(fixture, { endpoint: 'sendGroup', callType: 1, callees: submissionOf(fixture).callees }),
    fixture.scheduling,
  );

/** As if nothing had happened to the tasks for as long. */
const letPass = (seconds: number) =>
  sql`update task set updated_at = now() - make_interval(secs => ${seconds})`.execute(database.db);

const giveUp = () => giveUpDirectCalls(database.db, patienceS, fixture.scheduling);

const reportedSeqs = async (taskId: number) => {
  const due = database.db.selectFrom('report_due').select('seq').where('task_id', '=', taskId);
  return (await due.orderBy('seq').execute()).map(({ seq }) => seq);
};

test('what could not be begun in time ends, with a record and a report, once', async () => {
  const place = await sendGroup();
  const { taskId } = place;
  const processId = randomUUID();
  await registerProcess(database.db, { processId, kind: 'dialer', host: 'test', pid: 1 });
  const [first] = await claimFrom(database.db, processId, [{ taskId, max: 1 }]);
  assert.ok(first);
  await writeWaitingReason(database.db, taskId, 'every trunk is down');
  await letPass(patienceS - 60);
  assert.equal(await giveUp(), 0, 'not yet');
  await letPass(patienceS + 1);
  const ended = await Promise.all([giveUp(), giveUp(), giveUp()]);
  assert.equal(
    ended.reduce((sum, count) => sum + count, 0),
    2,
  );
  assert.deepEqual(await reportedSeqs(taskId), [2, 3]);
  const record = await getRecord(database.db, accountId, formatVoiceId({ ...place, seq: 3 }));
  assert.deepEqual(
    [record.state, record.callStatus, record.terminationCode, record.terminationReason, record.callTime],
    ['ended', 60, '1005', 'not begun in time: every trunk is down', null],
  );
  assert.deepEqual(await claimFrom(database.db, processId, [{ taskId, max: 9 }]), [], 'nobody calls them any more');
  assert.equal(await statusOfTask(database.db, taskId), 1, 'the call in progress goes on');
  const end = unmadeCall(first, localOutcome('internal', 'over'), new Date());
  await database.db.transaction().execute((tx) => endCalls(tx, processId, [end], fixture.scheduling));
  assert.equal(await statusOfTask(database.db, taskId), 2);
  assert.deepEqual(await reportedSeqs(taskId), [1, 2, 3]);
});

test("a client's task waits for as long as it takes", async () => {
  const taskId = await submitTask(database.db, accountId, submissionOf(fixture), fixture.scheduling);
  await letPass(86_400);
  assert.equal(await giveUp(), 0);
  assert.equal(await statusOfTask(database.db, taskId), 1);
});

test('the call of a code that is given up is made again as any that failed', async () => {
  const call = directCallOf(fixture, { recall: { count: 1, intervalMin: 5 } });
  const { taskId } = await submitDirectCall(database.db, call, fixture.scheduling);
  await letPass(patienceS + 1);
  assert.equal(await giveUp(), 1);
  assert.deepEqual(await reportedSeqs(taskId), [], 'another call follows');
  const due = await database.db
    .selectFrom('recall_node')
    .innerJoin('recall_flow', 'recall_flow.flow_id', 'recall_node.flow_id')
    .select('due_at')
    .where('recall_flow.task_id', '=', taskId)
    .executeTakeFirst();
  assert.ok(due?.due_at);
});

test('a batch after the other, until none is left', async () => {
  for (let index = 0; index < 12; index += 1) await sendGroup();
  await letPass(patienceS + 1);
  assert.equal(await giveUp(), 36);
  assert.equal(await giveUp(), 0);
});
