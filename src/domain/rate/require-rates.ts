import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { heldRate } from './held-rate.ts';
import { headsOf, longestHeld } from './number-heads.ts';
import type { NumberSource } from './number-source.ts';

/** Bad rows that a message names; how many there are it says too. */
const shownRows = 20;

/** Throws `noRate` naming the first numbers without a rate, if the account demands one for each. */
export async function requireRates(tx: Db, accountId: number, numbers: NumberSource): Promise<void> {
  const account = await tx
    .selectFrom('account')
    .select(['rate_table_id as rateTableId', 'requires_rate as requiresRate'])
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (!account?.requiresRate) return;
  const table = sql`${account.rateTableId}::bigint`;
  const { rows } = await sql<{ seq: number; number: string; total: number }>`
    with ${headsOf(numbers, await longestHeld(tx, account.rateTableId))},
    lacking as (select h.head from heads h where not exists (select from ${heldRate(table, sql`h.head`)} r))
    select g.seq, g.number, count(*) over () as total from given g join lacking using (head) order by g.seq limit ${shownRows}`.execute(
    tx,
  );
  const [first] = rows;
  if (first) throw errors.noRate(first.total, rows.map(({ seq, number }) => `${seq} (${number})`).join(', '));
}
