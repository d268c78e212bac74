import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { NumberSource } from './number-source.ts';

/** The digits of the longest prefix that a table holds; 1 where it holds none. */
export async function longestHeld(db: Db, rateTableId: number | null): Promise<number> {
  const { rows } = await sql<{ digits: number | null }>`
    select max(length(prefix)) as digits from rate where rate_table_id = ${rateTableId} and retired_at is null`.execute(
    db,
  );
  return rows[0]?.digits ?? 1;
}

/**
 * The queries `given` (seq, number, head) and `heads` (head) of a WITH: a number's head is what of it can matter for its rate. A campaign's 200,000 numbers have some thousand
 * heads, and only those need be looked up.
 */
export function headsOf(numbers: NumberSource, digits: number): RawBuilder<unknown> {
  return sql`
    given as materialized (select n.seq, n.number, left(n.number, ${digits}) as head from (${numbers}) n),
    heads as materialized (select distinct head from given)`;
}
