import { sql } from 'kysely';
import { copyIn, copyText } from '../../db/copy-in.ts';
import type { Db } from '../../db/tables.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Rate } from './rate-table.ts';
import { lockRateTable } from './rate-table-store.ts';

/** `replace`: what is not given holds no more; `merge`: it stays. */
export type RatesMode = 'replace' | 'merge';

/** How many rates were new, had other terms than before, hold no more, and stayed as they were. */
export type RatesChange = {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
};

/** The rates that hold, by prefix: the first `limit` after one. Throws nothing for an unknown table: it has none. */
export async function listRates(db: Db, rateTableId: number, after: string, limit: number): Promise<Rate[]> {
  const { rows } = await sql<Rate>`
    select prefix, code, first_s as "firstS", step_s as "stepS", trim_scale(rate) as rate from rate
     where rate_table_id = ${rateTableId} and retired_at is null and prefix > ${after} order by prefix limit ${limit}`.execute(
    db,
  );
  return rows;
}

/**
 * Makes a table hold the given rates, from one moment to the next; prefixes are unique in them. Rows whose terms stay are left alone, so a file that is imported again
 * changes nothing. 100,000 rows take about 2 s. Throws `unknownEntry`.
 */
export async function writeRates(
  db: Db,
  rateTableId: number,
  rates: readonly Rate[],
  mode: RatesMode,
): Promise<RatesChange> {
  return inTransaction(db, async (tx) => {
    await lockRateTable(tx, rateTableId);
    await sql`
      create temporary table given_rate (prefix text collate "C", code text, first_s integer, step_s integer, rate numeric(12, 6)) on commit drop`.execute(
      tx,
    );
    await copyIn(tx, 'copy given_rate (prefix, code, first_s, step_s, rate) from stdin', copyChunks(rates));
    await sql`analyze given_rate`.execute(tx);
    const gone = mode === 'replace' ? sql`g.prefix is null` : sql`false`;
    const retired = await sql<{ removed: number; changed: number }>`
      with gone as (
        select r.rate_id, g.prefix is null as is_removed from rate r left join given_rate g using (prefix)
         where r.rate_table_id = ${rateTableId} and r.retired_at is null
           and (${gone} or (r.code, r.first_s, r.step_s, r.rate) is distinct from (g.code, g.first_s, g.step_s, g.rate) and g.prefix is not null)
      ), retired as (
        update rate r set retired_at = now() from gone o where r.rate_id = o.rate_id
      )
      select count(*) filter (where is_removed) as removed, count(*) filter (where not is_removed) as changed from gone`.execute(
      tx,
    );
    const inserted = await sql`
      insert into rate (rate_table_id, prefix, code, first_s, step_s, rate, quote_exchange)
      select t.rate_table_id, g.prefix, g.code, g.first_s, g.step_s, g.rate, t.quote_exchange
        from given_rate g join rate_table t on t.rate_table_id = ${rateTableId}
       where not exists (select from rate r where r.rate_table_id = t.rate_table_id and r.prefix = g.prefix and r.retired_at is null)`.execute(
      tx,
    );
    // A client may write several tables in one transaction.
    await sql`drop table given_rate`.execute(tx);
    await sql`update rate_table set updated_at = now() where rate_table_id = ${rateTableId}`.execute(tx);
    const { removed = 0, changed = 0 } = retired.rows[0] ?? {};
    const written = Number(inserted.numAffectedRows ?? 0n);
    return { added: written - changed, changed, removed, unchanged: rates.length - written };
  });
}

/** Ends one rate; returns whether there was one. Throws `unknownEntry` for the table. */
export async function removeRate(db: Db, rateTableId: number, prefix: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    await lockRateTable(tx, rateTableId);
    const retired = await sql`
      update rate set retired_at = now() where rate_table_id = ${rateTableId} and prefix = ${prefix} and retired_at is null`.execute(
      tx,
    );
    return retired.numAffectedRows === 1n;
  });
}

const chunkSize = 2000;

function* copyChunks(rates: readonly Rate[]): Generator<string> {
  for (let start = 0; start < rates.length; start += chunkSize) {
    const rows = rates.slice(start, start + chunkSize);
    yield rows
      .map((rate) => `${rate.prefix}\t${copyText(rate.code)}\t${rate.firstS}\t${rate.stepS}\t${rate.rate}\n`)
      .join('');
  }
}
