import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';

/** Rates that are deleted in one transaction. */
const batchSize = 20_000;

/**
 * Days that rates stay longer than calls. A call goes by the day of its task, and a round of a direct call, which says what those before it were charged, comes up to a week after them.
 */
const marginDays = 30;

/**
 * Deletes the rates that hold no more, with the tables that were deleted, once no call is kept that they were for. Calls are claimed by rates that hold, so it can only be one of a
 * day as old as the rate's end; of those only such are left as tasks hold. Returns how many rates. Rejects with the signal's reason between two batches.
 */
export async function deleteOldRates(db: Db, recordDays: number, signal: AbortSignal): Promise<number> {
  const day = sql`((now() at time zone 'utc')::date - ${recordDays + marginDays}::int)`;
  let deleted = 0;
  for (;;) {
    signal.throwIfAborted();
    const batch = await deleteBatch(db, day);
    if (batch === 0) break;
    deleted += batch;
  }
  await sql`
    delete from rate_table t
     where t.retired_at < ${day} and not exists (select from rate r where r.rate_table_id = t.rate_table_id)`.execute(
    db,
  );
  return deleted;
}

async function deleteBatch(db: Db, day: RawBuilder<unknown>): Promise<number> {
  const result = await sql`
    delete from rate where rate_id = any(array(
      select r.rate_id from rate r
       where r.retired_at < ${day}
         and not exists (select from call k where k.created_day <= ${day} and k.rate_id = r.rate_id)
         and not exists (select from task t where t.is_hidden and t.created_day <= ${day} and t.earlier_rate_id = r.rate_id)
       limit ${batchSize}))`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
