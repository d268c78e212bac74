import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Jobs, openJobs } from '../../src/db/jobs.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

type TestJobs = { 'test.note': { text: string }; 'test.fail': { text: string } };

const settings = { retryLimit: 2, retryDelayS: 1, retryDelayMaxS: 1, expireInS: 30, concurrency: 2 };

let database: TestDatabase;
let jobs: Jobs<TestJobs>;
let done: string[];
let attempts: boolean[];
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

beforeEach(async () => {
  done = [];
  attempts = [];
  const queues = { 'test.note': settings, 'test.fail': settings };
  jobs = openJobs<TestJobs>({ url: database.url, logger: silentLogger(), queues, pollingIntervalS: 0.5 });
  jobs.define('test.note', async ({ text }) => {
    done.push(text);
  });
  jobs.define('test.fail', async ({ text }, { isLastAttempt }) => {
    attempts.push(isLastAttempt);
    if (!isLastAttempt) throw new Error('not yet');
    done.push(text);
  });
  await jobs.start();
});
afterEach(() => jobs.close());

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `still waiting; done: ${done}`);
    await sleep(20);
  }
}

test('a job exists if and only if the transaction that adds it commits', async () => {
  await assert.rejects(
    database.db.transaction().execute(async (transaction) => {
      await jobs.enqueue(transaction, 'test.note', { text: 'rolled back' }, { startAfter: null });
      throw new Error('changed my mind');
    }),
    /changed my mind/,
  );
  await database.db.transaction().execute(async (transaction) => {
    await jobs.enqueue(transaction, 'test.note', { text: 'committed' }, { startAfter: null });
  });
  await until(() => done.includes('committed'));
  const rows = await database.pool.query(`select data->>'text' as text from pgboss.job where name = 'test.note'`);
  assert.deepEqual(rows.rows, [{ text: 'committed' }]);
});

test('a job waits for its time, and one of its key is enough', async () => {
  const startAfter = new Date(Date.now() + 1500);
  let ranAt = 0;
  await jobs.enqueue(database.db, 'test.note', { text: 'later' }, { startAfter, singletonKey: 'k' });
  await jobs.enqueue(database.db, 'test.note', { text: 'dropped' }, { startAfter: null, singletonKey: 'k' });
  await jobs.enqueue(database.db, 'test.note', { text: 'now' }, { startAfter: null });
  await jobs.enqueue(database.db, 'test.note', { text: 'now too' }, { startAfter: null });
  await until(() => done.includes('now') && done.includes('now too'));
  await until(() => {
    ranAt = Date.now();
    return done.includes('later');
  });
  assert.ok(ranAt >= startAfter.getTime());
  assert.deepEqual(done.toSorted(), ['later', 'now', 'now too']);
});

test('a job that throws is tried again, and told when it is the last time', async () => {
  await jobs.enqueue(database.db, 'test.fail', { text: 'third time' }, { startAfter: null });
  await until(() => done.includes('third time'));
  assert.deepEqual(attempts, [false, false, true]);
});

test('a broken connection to PostgreSQL is lived through', async () => {
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'carillon jobs'`,
  );
  await jobs.enqueue(database.db, 'test.note', { text: 'after the break' }, { startAfter: null });
  await until(() => done.includes('after the break'));
  assert.deepEqual(done, ['after the break']);
});
