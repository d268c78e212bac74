import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { createRateTable, deleteRateTable } from '../../src/domain/rate/rate-table-store.ts';
import { dropOldDays } from '../../src/domain/retention/old-days.ts';
import { deleteOldRates } from '../../src/domain/retention/old-rates.ts';
import { listResults } from '../../src/domain/task/results.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask, claimFrom } from '../support/dialer-fixture.ts';
import { chargeAccount } from '../support/rates.ts';

const recordDays = 62;
const never = new AbortController().signal;

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

/** Adds a rate that held until so many days ago; null: it holds. */
async function addRate(rateTableId: number, prefix: string, endedDaysAgo: number | null): Promise<void> {
  await sql`
    insert into rate (rate_table_id, prefix, code, first_s, step_s, rate, quote_exchange, retired_at)
    values (${rateTableId}, ${prefix}, '', 1, 1, 1, 1, now() - make_interval(days => ${endedDaysAgo}))`.execute(
    database.db,
  );
}

const prefixesOf = async (rateTableId: number): Promise<string[]> => {
  const rates = database.db.selectFrom('rate').select('prefix').where('rate_table_id', '=', rateTableId);
  return (await rates.orderBy('prefix').execute()).map(({ prefix }) => prefix);
};

/** Lets a task, with its calls, be of a day so long ago. */
async function age(taskId: number, days: number): Promise<void> {
  const day = sql`((now() at time zone 'utc')::date - ${days}::int)`;
  await sql`select ensure_call_partitions(${day}, ${day})`.execute(database.db);
  for (const table of ['callee', 'call', 'task'])
    await sql`update ${sql.table(table)} set created_day = ${day} where task_id = ${taskId}`.execute(database.db);
}

test('a rate goes a month after the calls of its last day, unless a call that is kept was made by it', async () => {
  const { db } = database;
  const owner = await addAccount(db);
  const { accountId } = owner;
  const rateTableId = await chargeAccount(db, accountId, { rates: [['86', '0.6', '1+1']], money: null });
  const taskId = await addTask(db, { owner, callees: 2 });
  const processId = randomUUID();
  await registerProcess(db, { processId, kind: 'dialer', host: 'test', pid: 1 });
  assert.equal((await claimFrom(db, processId, [{ taskId, max: 1, isCharged: true }])).length, 1);
  // The task was suspended and forgotten.
  await sql`update task set status = 5 where task_id = ${taskId}`.execute(db);
  await sql`update rate set retired_at = now() - interval '100 days' where rate_table_id = ${rateTableId}`.execute(db);
  await age(taskId, 101);
  await addRate(rateTableId, '87', 100);
  await addRate(rateTableId, '88', 90);
  await addRate(rateTableId, '89', null);
  assert.deepEqual(
    (await dropOldDays(db, recordDays, never)).kept.map((kept) => kept.taskId),
    [taskId],
  );

  assert.equal(await deleteOldRates(db, recordDays, never), 1);
  assert.deepEqual(await prefixesOf(rateTableId), ['86', '88', '89']);
  const filter = { taskId, callStatusList: [], number: null };
  const { records } = await listResults(db, accountId, filter, { current: 1, size: 1 });
  assert.equal(records[0]?.record?.charge.rate?.rate, '0.6');

  await sql`update task set status = 4, updated_at = now() - interval '99 days', ended_count = next_seq - 1 where task_id = ${taskId}`.execute(
    db,
  );
  assert.equal((await dropOldDays(db, recordDays, never)).dropped.length, 1);
  assert.equal(await deleteOldRates(db, recordDays, never), 1);
  assert.deepEqual(await prefixesOf(rateTableId), ['88', '89']);
});

test('the last charged rate of the rounds before stays with the round', async () => {
  const { db } = database;
  const owner = await addAccount(db);
  const { rateTableId } = await createRateTable(db, { name: 'rounds', currency: 'USD' });
  await addRate(rateTableId, '86', 100);
  const taskId = await addTask(db, { owner, callees: 1 });
  await sql`
    update task set is_hidden = true, earlier_charged_s = 1, earlier_cost = 1, earlier_base_cost = 1,
                    earlier_rate_id = (select rate_id from rate where rate_table_id = ${rateTableId})
     where task_id = ${taskId}`.execute(db);
  await age(taskId, 95);
  assert.equal(await deleteOldRates(db, recordDays, never), 0);
  await sql`update task set earlier_rate_id = null where task_id = ${taskId}`.execute(db);
  assert.equal(await deleteOldRates(db, recordDays, never), 1);
});

test('a deleted table goes with its last rate', async () => {
  const { db } = database;
  const { rateTableId } = await createRateTable(db, { name: 'old', currency: 'USD' });
  await addRate(rateTableId, '86', null);
  await deleteRateTable(db, rateTableId);
  const isThere = async (): Promise<boolean> =>
    (await db.selectFrom('rate_table').select('name').where('rate_table_id', '=', rateTableId).execute()).length > 0;
  assert.equal(await deleteOldRates(db, recordDays, never), 0);
  for (const table of ['rate', 'rate_table'])
    await sql`update ${sql.table(table)} set retired_at = now() - interval '93 days' where rate_table_id = ${rateTableId}`.execute(
      db,
    );
  assert.ok(await isThere());
  assert.equal(await deleteOldRates(db, recordDays, never), 1);
  assert.equal(await isThere(), false);
});
