import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { openDatabase } from '../../src/db/database.ts';
import { ensurePartitions } from '../../src/db/migrate.ts';
import { endCalls } from '../../src/domain/record/call-ledger-sql.ts';
import { countCalls } from '../../src/domain/record/count-calls.ts';
import { getRecord, listRecords } from '../../src/domain/record/record-query.ts';
import { formatVoiceId } from '../../src/domain/record/voice-id.ts';
import { dropOldDays } from '../../src/domain/retention/old-days.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { ageTask, oldPartitions } from '../support/aged-task.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { claimFrom } from '../support/dialer-fixture.ts';
import {
  callEverybody,
  createDomainFixture,
  type DomainFixture,
  submissionOf,
  withKey,
} from '../support/domain-fixture.ts';
import { endedAs } from '../support/ended-call.ts';
import { until } from '../support/until.ts';

const recordDays = 62;
const never = new AbortController().signal;
const processId = '22222222-2222-4222-8222-222222222222';
const page = { current: 1, size: 25 };

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;
before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'retention under traffic');
  accountId = fixture.account.accountId;
  const dialer = { process_id: processId, kind: 'dialer', host: 'h', pid: 1 } as const;
  await database.db.insertInto('process').values(dialer).execute();
});
after(() => database.close());

const submit = (taskName: string): Promise<number> =>
  submitTask(database.db, accountId, submissionOf(fixture, { taskName }), fixture.scheduling);

/** A task whose three calls are so many days old. */
async function oldTask(taskName: string, daysAgo: number): Promise<{ taskId: number; day: string }> {
  const taskId = await submit(taskName);
  await callEverybody(fixture, taskId, () => 50);
  return { taskId, day: await ageTask(database.db, taskId, daysAgo) };
}

const ever = () => ({ from: new Date(Date.now() - 100 * 86_400_000), to: new Date(Date.now() + 1000) });
const listed = async (): Promise<number[]> => {
  const { total, records } = await listRecords(database.db, accountId, ever(), page);
  return [total, records.length];
};

async function countAnew(): Promise<void> {
  await sql`delete from call_count`.execute(database.db);
  await sql`update call_counting set counted_until = null`.execute(database.db);
  await countCalls(database.db, never);
}

/** What somebody has begun to read and not yet finished, a backup say, while `work` goes on. */
async function whileReading(work: () => Promise<void>): Promise<void> {
  const reader = await database.pool.connect();
  try {
    await reader.query('begin');
    await reader.query('select count(*) from call');
    await work();
  } finally {
    await reader.query('rollback');
    reader.release();
  }
}

async function isDetaching(): Promise<boolean> {
  const { rows } = await sql`
    select from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like 'alter table%concurrently'`.execute(
    database.db,
  );
  return rows.length > 0;
}

test('while a day waits for its reader to be dropped, calls are claimed and ended, records read, days made', async () => {
  const { db } = database;
  const old = await oldTask('old', 80);
  const kept = await oldTask('kept', 50);
  const running = await submit('running');
  await countAnew();
  assert.deepEqual(await listed(), [6, 6]);
  let dropping: ReturnType<typeof dropOldDays> | undefined;
  await whileReading(async () => {
    dropping = dropOldDays(db, recordDays, never);
    dropping.catch(() => undefined);
    await until(isDetaching, { what: 'the day to wait for its reader', timeoutMs: 20_000 });
    const claimed = await claimFrom(db, processId, [{ taskId: running, max: 2 }]);
    const ends = claimed.map(({ createdDay, seq }) =>
      endedAs('answered', { createdDay, taskId: running, seq, key: null }),
    );
    assert.equal(await db.transaction().execute((tx) => endCalls(tx, processId, ends, fixture.scheduling)), 2);
    // By a plan that was made when the day was still there.
    const [, records] = await listed();
    assert.equal(records, 5);
    const voiceId = formatVoiceId({ createdDay: kept.day, taskId: kept.taskId, seq: 1 });
    assert.equal((await getRecord(db, accountId, voiceId)).taskId, kept.taskId);
    const gone = formatVoiceId({ createdDay: old.day, taskId: old.taskId, seq: 1 });
    await assert.rejects(getRecord(db, accountId, gone), withKey('unknownRecord'));
    await ensurePartitions(db, '2098-01-01', '2098-01-01');
    assert.ok(await isDetaching(), 'nothing of this had to wait for it');
  });
  assert.deepEqual((await dropping)?.dropped, [old.day]);
  assert.deepEqual(await listed(), [5, 5]);
});

test('a day whose reader does not come to an end is left half detached, and dropped by the next run', async () => {
  const { day } = await oldTask('read for ever', 81);
  const hasty = openDatabase({
    ...{ url: database.url, maxConnections: 2, applicationName: 'hasty', logger: silentLogger() },
    statementLimitMs: 2000,
  });
  try {
    await whileReading(async () => {
      await assert.rejects(dropOldDays(hasty.db, recordDays, never), /lock timeout/);
      await assert.rejects(dropOldDays(hasty.db, recordDays, never), /lock timeout/, 'finishing waits for it as well');
      assert.deepEqual(await listed(), [5, 5], 'nobody sees it any more');
    });
  } finally {
    await hasty.close();
  }
  await dropOldDays(database.db, recordDays, never);
  assert.ok(!(await oldPartitions(database.db)).some((name) => name.endsWith(day.replaceAll('-', ''))));
});

test('what a process that died after the last table of a day has left is forgotten by the next run', async () => {
  const { db } = database;
  const { day } = await oldTask('half forgotten', 82);
  await countAnew();
  assert.equal((await listed())[0], 8);
  for (const name of await oldPartitions(db)) {
    if (name.endsWith(day.replaceAll('-', ''))) await sql`drop table ${sql.table(name)}`.execute(db);
  }
  assert.deepEqual((await dropOldDays(db, recordDays, never)).dropped, []);
  assert.deepEqual(await listed(), [5, 5]);
});
