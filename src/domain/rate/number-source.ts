import { type RawBuilder, sql } from 'kysely';

/** Numbers to be rated, where they are: a query with the columns `seq` and `number`. */
export type NumberSource = RawBuilder<unknown>;

/** Numbers in memory, counted from 1. */
export function givenNumbers(numbers: readonly string[]): NumberSource {
  return sql`select g.seq, g.number from unnest(${[...numbers]}::text[]) with ordinality as g (number, seq)`;
}
