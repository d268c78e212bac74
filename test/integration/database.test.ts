import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { openDatabase } from '../../src/db/database.ts';
import { ensurePartitions, migrate } from '../../src/db/migrate.ts';
import { runPrepared } from '../../src/db/prepared-statement.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

test('bigints arrive as numbers, dates as they are written', async () => {
  const row = await sql<{
    id: number;
    ids: number[];
    day: string;
    days: string[];
    at: Date;
  }>`select 5000001::bigint as id, '{1,2}'::bigint[] as ids, '2026-03-01'::date as day, '{2026-03-01}'::date[] as days, to_timestamp(1) as at`.execute(
    database.db,
  );
  assert.deepEqual(row.rows, [
    { id: 5000001, ids: [1, 2], day: '2026-03-01', days: ['2026-03-01'], at: new Date(1000) },
  ]);
  await assert.rejects(database.pool.query('select 9007199254740993::bigint'), RangeError);
});

test('a statement that is parsed once is planned each time where that is asked for', async () => {
  const run = async (plansEachTime: boolean) => {
    const other = openDatabase({
      url: database.url,
      maxConnections: 1,
      applicationName: 'test',
      logger: silentLogger(),
      plansEachTime,
    });
    try {
      for (let n = 0; n < 8; n += 1) {
        assert.deepEqual(await runPrepared(other.db, sql`select ${n}::int + 1 as next`), [{ next: n + 1 }]);
      }
      const prepared = sql`select custom_plans, generic_plans from pg_prepared_statements where statement like '%as next'`;
      return (await prepared.execute(other.db)).rows;
    } finally {
      await other.close();
    }
  };
  assert.deepEqual(await run(true), [{ custom_plans: 8, generic_plans: 0 }]);
  assert.deepEqual(await run(false), [{ custom_plans: 5, generic_plans: 3 }]);
});

test('partitions are made of every table that has them, for each day of a range, once', async () => {
  const partitioned = await sql<{
    name: string;
  }>`select partrelid::regclass::text as name from pg_partitioned_table order by 1`.execute(database.db);
  const tables = partitioned.rows.map((row) => row.name);
  for (const table of ['call', 'callee', 'call_trace', 'report', 'report_try'])
    assert.ok(tables.includes(table), table);
  await ensurePartitions(database.db, '2031-12-30', '2032-01-01');
  await ensurePartitions(database.db, '2031-12-30', '2032-01-01');
  const found = await sql<{ name: string }>`
    select relname as name from pg_class where relispartition and relkind = 'r' and relname ~ '_203[12]' order by 1`.execute(
    database.db,
  );
  assert.deepEqual(
    found.rows.map((row) => row.name),
    tables.flatMap((table) => ['20311230', '20311231', '20320101'].map((day) => `${table}_${day}`)).sort(),
  );
});

test('notifications arrive, also after the connection was killed', async () => {
  const received: string[] = [];
  const waiting: (() => void)[] = [];
  const stop = await database.listen('news', (payload) => {
    received.push(payload);
    for (const wake of waiting.splice(0)) wake();
  });
  const next = () => new Promise<void>((resolve) => waiting.push(resolve));
  let arrival = next();
  await database.pool.query(`notify news, 'one'`);
  await arrival;
  arrival = next();
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'`,
  );
  await arrival;
  arrival = next();
  await database.pool.query(`notify news, 'two'`);
  await arrival;
  assert.deepEqual(received, ['one', '', 'two']);
  await stop();
});

test('a connection that breaks between two statements of a transaction fails only that transaction', async () => {
  await assert.rejects(
    database.db.transaction().execute(async (transaction) => {
      const result = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
      await sql`select pg_terminate_backend(${result.rows[0]?.pid})`.execute(database.db);
      await sql`select 1`.execute(transaction);
    }),
  );
  assert.equal((await database.pool.query('select 1 as one')).rows[0]?.one, 1);
});

test('a server that does not answer is given up, and asked again on other connections', async () => {
  const url = new URL(database.url);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.host = `127.0.0.1:${proxy.port}`;
  const logger = silentLogger();
  const far = openDatabase({
    url: url.href,
    maxConnections: 2,
    applicationName: 'test',
    logger,
    statementLimitMs: 400,
  });
  try {
    const inTransaction = far.db.transaction().execute(async (transaction) => {
      await sql`select 1`.execute(transaction);
      proxy.freeze();
      await sql`select 2`.execute(transaction);
    });
    await assert.rejects(inTransaction, /does not answer/);
    proxy.thaw();
    const both = [sql`select pg_sleep(0.1)`.execute(far.db), sql`select pg_sleep(0.1)`.execute(far.db)];
    assert.equal((await Promise.all(both)).length, 2, 'the broken connection has left the pool');
    assert.equal(far.pool.totalCount, 2);
  } finally {
    await far.close();
    await proxy.close();
  }
});

test('migrations are applied once, and a changed one is refused with advice', async () => {
  const scratch = await openTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'carillon-migrations-'));
  try {
    await scratch.pool.query('delete from migration');
    const options = { url: scratch.url, logger: silentLogger(), directory };
    await writeFile(join(directory, '0001_a.sql'), 'create table a (x integer); insert into a values (1);');
    assert.deepEqual(await migrate(options), ['0001_a.sql']);
    assert.deepEqual(await migrate(options), []);
    await writeFile(join(directory, '0002_b.sql'), 'create table b (x integer); select 1 / 0;');
    await assert.rejects(migrate(options), /0002_b.sql failed, nothing of it was kept: division by zero/);
    assert.equal((await scratch.pool.query(`select to_regclass('b') as b`)).rows[0]?.b, null);
    await writeFile(join(directory, '0001_a.sql'), 'create table a (y integer);');
    await assert.rejects(migrate(options), /0001_a.sql was changed after it had been applied: restore the file/);
    await rm(join(directory, '0001_a.sql'));
    await assert.rejects(migrate(options), /newer version/);
  } finally {
    await scratch.close();
    await rm(directory, { recursive: true });
  }
});
