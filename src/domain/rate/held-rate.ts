import { type RawBuilder, sql } from 'kysely';

/** Digits of a prefix at most, as of a number. */
export const longestPrefix = 18;

/**
 * The rate that a table holds for a number, as a subquery of at most one row of `rate`: that of the longest prefix. Both arguments are SQL. All prefixes that the number
 * has are asked for in one scan of the index of what holds, so the cost does not depend on how many rates there are. The scan runs backward and ends with the first it finds: of
 * prefixes of one number a longer one sorts after a shorter. A null table has none, and is not looked into.
 */
export function heldRate(rateTableId: RawBuilder<unknown>, number: RawBuilder<unknown>): RawBuilder<unknown> {
  const prefixes = Array.from({ length: longestPrefix }, (_, index) => sql`left(${number}, ${sql.lit(index + 1)})`);
  return sql`(
    select r.* from rate r
     where r.rate_table_id = ${rateTableId} and r.retired_at is null and r.prefix = any(array[${sql.join(prefixes)}])
     order by r.prefix desc limit 1)`;
}
