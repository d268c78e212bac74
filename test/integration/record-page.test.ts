import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { countCalls } from '../../src/domain/record/count-calls.ts';
import { listRecords } from '../../src/domain/record/record-query.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createDomainFixture, type DomainFixture, submissionOf } from '../support/domain-fixture.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;
const newest = new Date(Math.floor(Date.now() / 10_000) * 10_000);
const never = new AbortController().signal;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'pages');
  accountId = fixture.account.accountId;
});
after(() => database.close());

/** Lets a task's calls have begun so many seconds ago; its day is `daysAgo`. */
async function called(taskName: string, secondsAgo: readonly number[], daysAgo = 0): Promise<void> {
  const taskId = await submitTask(database.db, accountId, submissionOf(fixture, { taskName }), fixture.scheduling);
  await sql`select ensure_call_partitions(current_date - ${daysAgo}::int, current_date - ${daysAgo}::int)`.execute(
    database.db,
  );
  await sql`update task set created_day = current_date - ${daysAgo}::int where task_id = ${taskId}`.execute(
    database.db,
  );
  await sql`
    insert into call (created_day, task_id, seq, account_id, process_id, number, claimed_at)
    select current_date - ${daysAgo}::int, ${taskId}, seq, ${accountId}, gen_random_uuid(), (8613000000000 + seq)::text,
           ${newest}::timestamptz - ago * interval '1 second'
      from unnest(${[...secondsAgo]}::float8[]) with ordinality as u (ago, seq)`.execute(database.db);
}

const spanOf = (fromAgo: number, toAgo: number) => ({
  from: new Date(newest.getTime() - fromAgo * 1000),
  to: new Date(newest.getTime() - toAgo * 1000),
});

/** What the pages must hold: everything, in one sort. */
async function expected(span: { from: Date; to: Date }): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select task_id || '/' || seq as key from call where account_id = ${accountId} and claimed_at >= ${span.from} and claimed_at < ${span.to}
     order by claimed_at desc, task_id desc, seq desc`.execute(database.db);
  return rows.map(({ key }) => key);
}

async function assertPages(span: { from: Date; to: Date }, size: number): Promise<void> {
  const keys = await expected(span);
  const found: string[] = [];
  for (let current = 1; current <= Math.ceil(keys.length / size) + 1; current++) {
    const page = await listRecords(database.db, accountId, span, { current, size });
    assert.equal(page.total, keys.length);
    found.push(...page.records.map(({ taskId, seq }) => `${taskId}/${seq}`));
  }
  assert.deepEqual(found, keys);
}

/** Hours, days and slots apart, several in one slot, on the edges of slots, and in what is not counted yet. */
const ago = [
  ...[0, 1, 5, 9.999, 10, 10.001, 30, 59, 60, 119, 121, 150, 179, 180, 200, 200, 200.5, 600],
  ...[3599, 3600, 3601, 3605, 7200, 7205, 7210, 36_000, 86_400, 86_405, 90_000, 200_000, 200_001],
];

test('all pages together are all records of the span, whatever is counted yet', async () => {
  await called('of three days ago', ago, 3);
  await called('a slow one of last week', [3, 100, 3602, 7203, 86_401, 300_000], 7);
  const spans = [
    spanOf(400_000, -10),
    spanOf(400_000, 200),
    spanOf(90_000.5, 3600),
    spanOf(7210, 7200),
    spanOf(7208, 7201),
    spanOf(3600, 3600),
    spanOf(12, 0),
    spanOf(2, -100),
    spanOf(900_000, 800_000),
  ];
  const everywhere = async (): Promise<void> => {
    for (const span of spans) for (const size of [4, 100]) await assertPages(span, size);
  };
  await everywhere();
  assert.ok((await countCalls(database.db, never)) > 20);
  await everywhere();
  // Counted further, into hours that are counted in part.
  await sql`update call_counting set counted_until = counted_until - interval '3700 seconds'`.execute(database.db);
  await sql`delete from call_count`.execute(database.db);
  await sql`update call_counting set counted_until = null`.execute(database.db);
  await countCalls(database.db, never);
  await everywhere();
});

test('what is counted twice over in steps is counted once', async () => {
  const sums = () =>
    sql<{ n: number; m: number }>`
    select coalesce(sum(total), 0)::int as n, coalesce(sum((select sum(s) from unnest(slots) s)), 0)::int as m from call_count`.execute(
      database.db,
    );
  const before = (await sums()).rows[0];
  assert.equal(before?.n, before?.m);
  assert.equal(await countCalls(database.db, never), 0);
  assert.deepEqual((await sums()).rows[0], before);
});

test('nothing is counted that an open transaction may still add to', async () => {
  await sql`update call_counting set counted_until = now() - interval '1 hour'`.execute(database.db);
  const claim = await database.pool.connect();
  try {
    await claim.query('begin');
    const { rows } = await claim.query(
      `insert into call (created_day, task_id, seq, account_id, process_id, number)
       select created_day, task_id, 1000, account_id, gen_random_uuid(), '8613' from task order by task_id limit 1 returning claimed_at`,
    );
    await countCalls(database.db, never, 0);
    const { counted_until: countedUntil } = await database.db
      .selectFrom('call_counting')
      .select('counted_until')
      .executeTakeFirstOrThrow();
    const beganAt: unknown = rows[0]?.claimed_at;
    assert.ok(countedUntil !== null && beganAt instanceof Date && countedUntil < beganAt);
  } finally {
    await claim.query('rollback');
    claim.release();
  }
});
