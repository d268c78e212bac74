import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { heldRate } from '../rate/held-rate.ts';
import { headsOf, longestHeld } from '../rate/number-heads.ts';
import type { NumberSource } from '../rate/number-source.ts';
import { requireRates } from '../rate/require-rates.ts';

/** Who is to pay for calls, how long each may last after its answer, and whether they may wait for what is held for calls in progress. */
export type Means = { readonly accountId: number; readonly maxCallS: number; readonly mayWait: boolean };

/**
 * What every submission of calls asks for before it is accepted. Throws `noRate`, `balanceUsedUp`. Costs two look-ups by key where the account has neither demand nor balance.
 */
export async function requireMeans(tx: Db, means: Means, numbers: NumberSource): Promise<void> {
  await requireRates(tx, means.accountId, numbers);
  await requireBalance(tx, means, numbers);
}

/**
 * Throws `balanceUsedUp` when a prepaid account has not enough for even the cheapest of the calls, each at its longest. Nothing is held: that is done call by call when they are
 * claimed, so a task may be longer than its balance.
 */
export async function requireBalance(
  tx: Db,
  { accountId, maxCallS, mayWait }: Means,
  numbers: NumberSource,
): Promise<void> {
  const { rows } = await sql<{ rateTableId: number | null; available: string; currency: string }>`
    select a.rate_table_id as "rateTableId", trim_scale(b.balance + b.gift + b.credit - ${mayWait ? sql`0` : sql`b.reserved`}) as available, b.currency
      from account_balance b join account a using (account_id) where b.account_id = ${accountId}`.execute(tx);
  const payer = rows[0];
  if (!payer) return;
  const table = sql`${payer.rateTableId}::bigint`;
  const cheapest = await sql<{ needed: string; isCovered: boolean }>`
    with ${headsOf(numbers, await longestHeld(tx, payer.rateTableId))}
    select trim_scale(min(w.cost)) as needed, min(w.cost) <= ${payer.available}::numeric as "isCovered"
      from heads h left join lateral ${heldRate(table, sql`h.head`)} r on true
      cross join lateral (
        select coalesce(cost_of(charged_seconds(${maxCallS}::int, r.first_s, r.step_s), r.rate), 0) as cost) w`.execute(
    tx,
  );
  const [found] = cheapest.rows;
  if (!found || found.isCovered) return;
  const { available, currency } = payer;
  throw errors.balanceUsedUp({ available, currency, needed: found.needed });
}
