import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Page, PageRequest } from '../../src/domain/paging/page.ts';
import { listFlows } from '../../src/domain/recall/query.ts';
import { endCalls } from '../../src/domain/record/call-ledger-sql.ts';
import { listTasks } from '../../src/domain/task/query.ts';
import { listResults } from '../../src/domain/task/results.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { listVoiceFiles } from '../../src/domain/voice-file/voice-file-store.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { claimFrom } from '../support/dialer-fixture.ts';
import { createDomainFixture, type DomainFixture, submissionOf } from '../support/domain-fixture.ts';
import { endedAs } from '../support/ended-call.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'listings');
  accountId = fixture.account.accountId;
});
after(() => database.close());

/** The ids of all pages, each of which must say how many there are. */
async function allPages<T>(
  list: (page: PageRequest) => Promise<Page<T>>,
  size: number,
  idOf: (record: T) => unknown,
): Promise<unknown[]> {
  const ids: unknown[] = [];
  const { total } = await list({ current: 1, size });
  for (let current = 1; current <= Math.ceil(total / size) + 1; current++) {
    const page = await list({ current, size });
    assert.equal(page.total, total);
    ids.push(...page.records.map(idOf));
  }
  assert.equal(ids.length, total);
  return ids;
}

test('tasks, flows and files: all pages together are everything once, newest first, also what was made at the same time', async () => {
  const { db } = database;
  // Thirteen moments, with two or three of each at each; more of somebody else's around them.
  const made = sql`now() - (g / 3) * interval '1 hour'`;
  const other = (await createDomainFixture(database, 'listings, other')).account.accountId;
  await sql`
    with t as (
      insert into task (account_id, app_id, task_name, status, settings, max_call_s, number_count, created_at)
      select case when g % 7 = 0 then ${other}::bigint else ${accountId}::bigint end, ${fixture.appId}, 'task ' || g, case when g % 2 = 0 then 2 else 4 end,
             jsonb_build_object('content', jsonb_build_object('voiceFileId', ${fixture.fileId}::text)), 60, 3, ${made}
        from generate_series(1, 39) g
      returning task_id, account_id, created_at)
    insert into recall_flow (account_id, task_id, recall_type, interval_min, recall_num, created_at)
    select account_id, task_id, 1, 30, 1, created_at from t`.execute(db);
  await sql`
    insert into voice_file (file_id, account_id, file_name, size_bytes, prompt_id, is_normalized, is_trimmed, created_at)
    select 'f' || g, case when g % 7 = 0 then ${other}::bigint else ${accountId}::bigint end, g || '.wav', 1, ${fixture.promptId}, false, false, ${made}
      from generate_series(1, 39) g`.execute(db);
  const span = { from: new Date(Date.now() - 10 * 3_600_000), to: new Date(Date.now() - 1_800_000) };
  const everything = async (select: ReturnType<typeof sql>): Promise<unknown[]> =>
    (await sql<{ id: unknown }>`${select}`.execute(db)).rows.map(({ id }) => id);
  const inSpan = sql`account_id = ${accountId} and created_at >= ${span.from} and created_at < ${span.to}`;
  const newest = sql`order by created_at desc, 1 desc`;
  const anyTask = { ...span, statusList: [], appSeq: null, searchCondition: null };
  const files = sql`select file_id as id, created_at from voice_file where account_id = ${accountId} ${newest}`;
  const expected = {
    tasks: await everything(sql`select task_id as id, created_at from task where ${inSpan} ${newest}`),
    finished: await everything(
      sql`select task_id as id, created_at from task where ${inSpan} and status = 2 ${newest}`,
    ),
    flows: await everything(sql`select flow_id as id, created_at from recall_flow where ${inSpan} ${newest}`),
    files: await everything(files),
  };
  assert.ok(expected.finished.length > 9 && expected.finished.length < expected.tasks.length);
  for (const size of [1, 4, 100]) {
    const tasksOf = (fields: Partial<Parameters<typeof listTasks>[2]>) =>
      allPages(
        (page) => listTasks(db, accountId, { ...anyTask, ...fields }, page),
        size,
        (task) => task.taskId,
      );
    assert.deepEqual(await tasksOf({}), expected.tasks);
    assert.deepEqual(await tasksOf({ searchCondition: 'HELLO.W' }), expected.tasks);
    assert.deepEqual(await tasksOf({ statusList: [2, 6] }), expected.finished);
    for (const taskName of [null, 'task']) {
      const flows = (page: PageRequest) => listFlows(db, accountId, { ...span, taskName }, page);
      assert.deepEqual(await allPages(flows, size, (flow) => flow.flowId), expected.flows);
    }
    const voiceFiles = (page: PageRequest) => listVoiceFiles(db, accountId, page);
    assert.deepEqual(await allPages(voiceFiles, size, (file) => file.fileId), expected.files);
  }
});

test('the results of a task by any of their statuses: all pages together are all of them once, in the order of submission', async () => {
  const { db } = database;
  const callees = Array.from({ length: 40 }, (_, index) => ({
    number: String(8613800000001 + index),
    variables: null,
  }));
  const submission = submissionOf(fixture, { taskName: 'results', callees });
  const taskId = await submitTask(db, accountId, submission, fixture.scheduling);
  const processId = '33333333-3333-4333-8333-333333333333';
  await db.insertInto('process').values({ process_id: processId, kind: 'dialer', host: 'h', pid: 1 }).execute();
  const claimed = await claimFrom(db, processId, [{ taskId, max: 36 }]);
  assert.equal(claimed.length, 36);
  // The last ones have not ended.
  const statusOf = (seq: number) => ([50, 10, 50, 20, 50, 60, 40, 30] as const)[seq % 8] ?? 50;
  const ended = claimed.filter(({ seq }) => seq <= 33);
  const snapshots = ended.map(({ createdDay, seq }) => {
    const snapshot = endedAs('rang', { createdDay, taskId, seq, key: null });
    assert.ok(snapshot.end);
    return { ...snapshot, end: { ...snapshot.end, outcome: { ...snapshot.end.outcome, callStatus: statusOf(seq) } } };
  });
  await db.transaction().execute((tx) => endCalls(tx, processId, snapshots, fixture.scheduling));
  const filters = [[], [50], [10], [10, 20], [50, 40], [10, 20, 30, 40, 60], [60, 50, 40, 30, 20, 10], [20, 20], [30]];
  for (const callStatusList of filters) {
    const chosen = snapshots.filter(({ seq }) => callStatusList.includes(statusOf(seq)));
    const expected = callStatusList.length === 0 ? callees.map((_, index) => index + 1) : chosen.map(({ seq }) => seq);
    for (const size of [1, 7, 100]) {
      const list = (page: PageRequest) => listResults(db, accountId, { taskId, callStatusList, number: null }, page);
      const what = `${callStatusList.join()} by ${size}`;
      assert.deepEqual(await allPages(list, size, (result) => result.seq), expected, what);
    }
  }
  const withStatus = (callStatusList: number[]) =>
    listResults(db, accountId, { taskId, callStatusList, number: '8613800000003' }, { current: 1, size: 10 });
  assert.deepEqual([(await withStatus([statusOf(3)])).total, (await withStatus([10, 40])).total], [1, 0]);
});
