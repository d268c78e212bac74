import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { NewRateTable, RateTable, RateTableChange } from './rate-table.ts';

/** By name. */
export async function listRateTables(db: Db): Promise<RateTable[]> {
  const { rows } = await sql<RateTable>`select ${columns} from rate_table t where ${isKept} order by t.name`.execute(
    db,
  );
  return rows;
}

/** Throws `unknownEntry`. */
export async function getRateTable(db: Db, rateTableId: number): Promise<RateTable> {
  const { rows } = await sql<RateTable>`
    select ${columns} from rate_table t where t.rate_table_id = ${rateTableId} and ${isKept}`.execute(db);
  const table = rows[0];
  if (!table) throw errors.unknownEntry('rate table', rateTableId);
  return table;
}

/** Throws `nameTaken`, and `badParameter` for an exchange that the currency cannot have. */
export async function createRateTable(db: Db, { name, currency, quoteExchange }: NewRateTable): Promise<RateTable> {
  const exchange = quoteExchange ?? (currency === 'USD' ? '1' : null);
  if (exchange === null) throw errors.badParameter('quoteExchange', 'is required unless the currency is USD');
  checkExchange(currency, exchange);
  const insert = db
    .insertInto('rate_table')
    .values({ name, currency, quote_exchange: exchange })
    .returning('rate_table_id');
  const { rate_table_id: rateTableId } = await namedOnce(name, () => insert.executeTakeFirstOrThrow());
  return getRateTable(db, rateTableId);
}

/**
 * A new exchange makes every rate of the table anew, so that calls that were claimed before keep theirs. Throws as {@link createRateTable} and {@link getRateTable} do.
 */
export async function updateRateTable(db: Db, rateTableId: number, change: RateTableChange): Promise<RateTable> {
  return inTransaction(db, async (tx) => {
    await lockRateTable(tx, rateTableId);
    const before = await getRateTable(tx, rateTableId);
    const { name = before.name, quoteExchange = before.quoteExchange } = change;
    checkExchange(before.currency, quoteExchange);
    await namedOnce(name, () =>
      sql`update rate_table set name = ${name}, quote_exchange = ${quoteExchange}::numeric, updated_at = now()
           where rate_table_id = ${rateTableId}`.execute(tx),
    );
    const table = await getRateTable(tx, rateTableId);
    if (table.quoteExchange !== before.quoteExchange) {
      await sql`
        with old as (
          update rate set retired_at = now() where rate_table_id = ${rateTableId} and retired_at is null
          returning prefix, code, first_s, step_s, rate
        )
        insert into rate (rate_table_id, prefix, code, first_s, step_s, rate, quote_exchange)
        select ${rateTableId}, prefix, code, first_s, step_s, rate, ${quoteExchange}::numeric from old`.execute(tx);
    }
    return table;
  });
}

/** Its rates stay for the calls that refer to them. Throws `unknownEntry`, and `rateTableInUse` while accounts have it. */
export async function deleteRateTable(db: Db, rateTableId: number): Promise<void> {
  await inTransaction(db, async (tx) => {
    await lockRateTable(tx, rateTableId);
    const users = await tx
      .selectFrom('account')
      .select('account_id')
      .where('rate_table_id', '=', rateTableId)
      .orderBy('account_id')
      .limit(20)
      .execute();
    if (users.length > 0)
      throw errors.rateTableInUse(
        rateTableId,
        users.map((account) => account.account_id),
      );
    await sql`update rate set retired_at = now() where rate_table_id = ${rateTableId} and retired_at is null`.execute(
      tx,
    );
    await sql`update rate_table set retired_at = now() where rate_table_id = ${rateTableId}`.execute(tx);
  });
}

/** Changes of a table and of its rates queue up; giving it to an account waits for its deletion. Throws `unknownEntry`. */
export async function lockRateTable(tx: Db, rateTableId: number): Promise<void> {
  const { rows } = await sql`
    select from rate_table t where t.rate_table_id = ${rateTableId} and ${isKept} for update`.execute(tx);
  if (rows.length === 0) throw errors.unknownEntry('rate table', rateTableId);
}

const isKept = sql`t.retired_at is null`;

const columns = sql`
  t.rate_table_id as "rateTableId", t.name, t.currency, trim_scale(t.quote_exchange) as "quoteExchange",
  (select count(*) from rate r where r.rate_table_id = t.rate_table_id and r.retired_at is null) as "rateCount",
  t.created_at as "createdAt", t.updated_at as "updatedAt"`;

function checkExchange(currency: string, quoteExchange: string): void {
  if (Number(quoteExchange) === 0) throw errors.badParameter('quoteExchange', 'must be more than 0');
  if (currency === 'USD' && Number(quoteExchange) !== 1) {
    throw errors.badParameter('quoteExchange', 'is US dollars for one unit, so with USD it is 1');
  }
}

async function namedOnce<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isDatabaseError(error, sqlState.uniqueViolation)) throw errors.nameTaken('rate table', name);
    throw error;
  }
}
