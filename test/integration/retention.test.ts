import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { countCalls } from '../../src/domain/record/count-calls.ts';
import { listRecords } from '../../src/domain/record/record-query.ts';
import { dropOldDays } from '../../src/domain/retention/old-days.ts';
import { deleteOldTasks } from '../../src/domain/retention/old-tasks.ts';
import { getTaskDetail } from '../../src/domain/task/query.ts';
import { resendTask } from '../../src/domain/task/resend.ts';
import { listResults } from '../../src/domain/task/results.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { ageTask, oldPartitions } from '../support/aged-task.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { claimFrom } from '../support/dialer-fixture.ts';
import {
  callEverybody,
  createDomainFixture,
  type DomainFixture,
  flowOf,
  submissionOf,
  withKey,
} from '../support/domain-fixture.ts';
import { until } from '../support/until.ts';

const retention = { recordDays: 62, taskDays: 366 };
const never = new AbortController().signal;

let database: TestDatabase;
let fixture: DomainFixture;
before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'retention');
});
after(() => database.close());

const page = { current: 1, size: 25 };

async function taskOf(taskName: string, fields: Parameters<typeof submissionOf>[1] = {}): Promise<number> {
  return submitTask(
    database.db,
    fixture.account.accountId,
    submissionOf(fixture, { taskName, ...fields }),
    fixture.scheduling,
  );
}

const age = (taskId: number, madeDaysAgo: number, changedDaysAgo?: number): Promise<string> =>
  ageTask(database.db, taskId, madeDaysAgo, changedDaysAgo);

const nameOf = (day: string) => `call_${day.replaceAll('-', '')}`;

test('a day goes with its calls, and the tasks stay with their counters', async () => {
  const taskId = await taskOf('old');
  await callEverybody(fixture, taskId, (seq) => (seq === 1 ? 50 : 20));
  const day = await age(taskId, 63);
  await sql`
    insert into report_due (task_id, app_seq, created_day, seq)
    select task_id, 1, created_day, seq from call where task_id = ${taskId}`.execute(database.db);
  const kept = await taskOf('not so old');
  await callEverybody(fixture, kept, () => 50);
  const keptDay = await age(kept, 61);
  await sql`update call_counting set counted_until = null`.execute(database.db);
  await countCalls(database.db, never);
  const span = { from: new Date(Date.now() - 70 * 86_400_000), to: new Date() };
  const records = () => listRecords(database.db, fixture.account.accountId, span, page);
  assert.equal((await records()).total, 6);

  assert.deepEqual(await dropOldDays(database.db, retention.recordDays, never), { dropped: [day], kept: [] });
  const left = await oldPartitions(database.db);
  assert.ok(
    left.includes(nameOf(keptDay)) && !left.some((name) => name.endsWith(day.replaceAll('-', ''))),
    left.join(),
  );
  const due = await sql`select from report_due where task_id = ${taskId}`.execute(database.db);
  assert.deepEqual(due.rows, [], 'reports that nobody has taken');
  const found = await records();
  assert.deepEqual([found.total, found.records.length], [3, 3]);
  const filter = { taskId, callStatusList: [], number: null };
  assert.equal((await listResults(database.db, fixture.account.accountId, filter, page)).total, 0);
  assert.equal((await getTaskDetail(database.db, fixture.account.accountId, taskId)).successCount, 1);
  const { plan, settings } = submissionOf(fixture);
  const resend = {
    sourceTaskId: taskId,
    taskName: 'again',
    appId: null,
    displayNum: null,
    sendTime: null,
    windows: [],
  };
  await assert.rejects(
    resendTask(
      database.db,
      fixture.account.accountId,
      { ...resend, plan, settings, recallFlow: null, resendType: 0 },
      fixture.scheduling,
    ),
    withKey('nobodyLeft'),
  );
});

test('a day stays while one of its tasks may call, or has called lately', async () => {
  const suspended = await taskOf('suspended');
  await sql`update task set status = 5 where task_id = ${suspended}`.execute(database.db);
  const slow = await taskOf('slow');
  await callEverybody(fixture, slow, () => 50);
  const recalled = await taskOf('recalled', { recallFlow: flowOf() });
  await callEverybody(fixture, recalled, () => 20);
  const inProgress = await taskOf('in progress');
  await callEverybody(fixture, inProgress, () => 20);
  await sql`update task set ended_count = ended_count - 1 where task_id = ${inProgress}`.execute(database.db);
  const held = [
    { day: await age(suspended, 103), taskId: suspended },
    { day: await age(slow, 102, 60), taskId: slow },
    { day: await age(recalled, 101), taskId: recalled },
    { day: await age(inProgress, 100), taskId: inProgress },
  ];
  assert.deepEqual(await dropOldDays(database.db, retention.recordDays, never), { dropped: [], kept: held });
  await sql`update recall_flow set status = 2 where task_id = ${recalled}`.execute(database.db);
  assert.deepEqual((await dropOldDays(database.db, retention.recordDays, never)).dropped, [held[2]?.day]);
});

test('claims go on while a day waits to be dropped, and what was cut short is finished by the next run', async () => {
  const old = await taskOf('old, read by somebody');
  await callEverybody(fixture, old, () => 50);
  const day = await age(old, 80);
  const processId = '22222222-2222-4222-8222-222222222222';
  await database.db
    .insertInto('process')
    .values({ process_id: processId, kind: 'dialer', host: 'h', pid: 1 })
    .execute();
  const running = await taskOf('running');
  const reader = await database.pool.connect();
  try {
    await reader.query('begin');
    await reader.query('select count(*) from call');
    const dropping = dropOldDays(database.db, retention.recordDays, never);
    dropping.catch(() => undefined);
    const waits = sql<{ n: number }>`
      select count(*)::int as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like 'alter table%concurrently'`;
    await until(async () => ((await waits.execute(database.db)).rows[0]?.n ?? 0) > 0, {
      what: 'the day to wait for its reader',
      timeoutMs: 20_000,
    });
    assert.equal((await claimFrom(database.db, processId, [{ taskId: running, max: 2 }])).length, 2);
    // The one that waits is killed: half detached.
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query like 'alter table%concurrently' and pid <> pg_backend_pid()`.execute(
      database.db,
    );
    await assert.rejects(dropping);
  } finally {
    await reader.query('commit');
    reader.release();
  }
  assert.deepEqual((await dropOldDays(database.db, retention.recordDays, never)).dropped, [day]);
  assert.ok(!(await oldPartitions(database.db)).some((name) => name.endsWith(day.replaceAll('-', ''))));
});

test('a task goes after a year, its flow with it, and after what was made from it', async () => {
  const parent = await taskOf('parent', { recallFlow: flowOf({ recallNum: 1 }) });
  const round = await taskOf('parent#1');
  const young = await taskOf('young');
  for (const taskId of [parent, round, young]) await callEverybody(fixture, taskId, () => 50);
  await sql`update task set source_task_id = ${parent} where task_id = ${round}`.execute(database.db);
  await sql`update recall_flow set status = 2 where task_id = ${parent}`.execute(database.db);
  await sql`
    update recall_node n set task_id = ${round}, status = 2 from recall_flow f where f.flow_id = n.flow_id and f.task_id = ${parent}`.execute(
    database.db,
  );
  await age(parent, 400);
  await age(round, 399);
  await age(young, 360);
  assert.equal(await deleteOldTasks(database.db, retention, never), 0, 'their calls are still there');
  await dropOldDays(database.db, retention.recordDays, never);
  assert.equal(await deleteOldTasks(database.db, retention, never), 2);
  const { accountId } = fixture.account;
  for (const taskId of [parent, round]) {
    await assert.rejects(getTaskDetail(database.db, accountId, taskId), withKey('unknownTask'));
  }
  assert.equal((await getTaskDetail(database.db, accountId, young)).taskId, young);
});

test("a direct call's task goes with its calls", async () => {
  const direct = await taskOf('direct');
  await callEverybody(fixture, direct, () => 50);
  await sql`update task set is_hidden = true where task_id = ${direct}`.execute(database.db);
  await age(direct, 70);
  assert.equal(await deleteOldTasks(database.db, retention, never), 0);
  await dropOldDays(database.db, retention.recordDays, never);
  assert.equal(await deleteOldTasks(database.db, retention, never), 1);
});
