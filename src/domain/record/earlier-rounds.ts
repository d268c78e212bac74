import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { CallKey } from './voice-id.ts';

/** What the rounds of a direct call have been charged so far; amounts are exact decimals. */
export type EarlierRounds = {
  /** Of the last of them that was charged. */
  readonly rateId: number;
  readonly chargedS: number;
  /** In the quote currency, and in US dollars. */
  readonly cost: string;
  readonly baseCost: string;
};

/** Of a call that has ended, together with the rounds before it; null: none of them was charged. */
export async function roundsUpTo(tx: Db, { createdDay, taskId, seq }: CallKey): Promise<EarlierRounds | null> {
  const { rows } = await sql<EarlierRounds>`
    select case when k.charged_duration_s > 0 then k.rate_id else t.earlier_rate_id end as "rateId",
           coalesce(k.charged_duration_s, 0) + coalesce(t.earlier_charged_s, 0) as "chargedS",
           coalesce(k.cost, 0) + coalesce(t.earlier_cost, 0) as cost,
           coalesce(k.base_cost, 0) + coalesce(t.earlier_base_cost, 0) as "baseCost"
      from call k join task t using (task_id)
     where k.created_day = ${createdDay}::date and k.task_id = ${taskId} and k.seq = ${seq}
       and (k.charged_duration_s > 0 or t.earlier_rate_id is not null)`.execute(tx);
  return rows[0] ?? null;
}
