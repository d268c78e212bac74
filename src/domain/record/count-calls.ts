import { sql } from 'kysely';
import type { Db, DbTransaction } from '../../db/tables.ts';

/** Seconds that are counted together. A page is found by counts and then by walking, over what began in one slot at most. */
export const slotS = 10;

/** A step is never shorter than this, so that several processes share the work instead of repeating it; and never longer than a day. */
const leastStep = sql`interval '30 seconds'`;
const longestStep = sql`interval '1 day'`;

/**
 * Counts, for the record queries, the calls that have begun since the last time, over all accounts; returns how many. To be run every minute or so, by any number of
 * processes: one does it, the others find that it is being done. An abort ends it after the step under way, of a day at most.
 *
 * `claimed_at` is the time at which the claim's transaction began, so a call may appear under a time that has passed. Counted is only what lies before every
 * transaction that has written something and is still open, and `settledAfterS` back at the least: a transaction that has written nothing by then has been given up, for no
 * statement may take as long (`openDatabase`). Calls before that neither come nor go, until their day is dropped with its counts.
 */
export async function countCalls(db: Db, signal: AbortSignal, settledAfterS = 120): Promise<number> {
  let counted = 0;
  while (!signal.aborted) {
    const step = await db.transaction().execute((tx) => countStep(tx, settledAfterS));
    if (step === null) break;
    counted += step;
  }
  return counted;
}

/** null: nothing to do, or somebody else does it. */
async function countStep(tx: DbTransaction, settledAfterS: number): Promise<number | null> {
  const { rows } = await sql<{ from: Date; until: Date }>`
    with done as (
      select coalesce(counted_until, (select min(created_day)::timestamp at time zone 'utc' from task)) as at from call_counting
       for update skip locked
    ), settled as (
      select least(now() - make_interval(secs => ${settledAfterS}), min(xact_start) - interval '1 second') as at
        from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and backend_xid is not null
    )
    select done.at as from, date_bin(${sql.lit(`${slotS} s`)}::interval, least(settled.at, done.at + ${longestStep}), 'epoch') as until
      from done cross join settled where settled.at >= done.at + ${leastStep}`.execute(tx);
  const span = rows[0];
  if (span === undefined) return null;
  const counted = await addCounts(tx, span);
  await tx.updateTable('call_counting').set({ counted_until: span.until }).execute();
  return counted;
}

/** By the index over account and time: a range for each account and day. */
async function addCounts(tx: DbTransaction, { from, until }: { from: Date; until: Date }): Promise<number> {
  const { rows } = await sql<{ counted: number }>`
    with begun as (
      select a.account_id, date_bin('1 hour', k.claimed_at, 'epoch') as hour, k.created_day,
             floor(extract(epoch from k.claimed_at - date_bin('1 hour', k.claimed_at, 'epoch')) / ${sql.lit(slotS)})::int as slot, count(*)::int as n
        from account a cross join lateral (
          select claimed_at, created_day from call
           where account_id = a.account_id and not is_repeat and claimed_at >= ${from} and claimed_at < ${until}
             and created_day <= (${until}::timestamptz at time zone 'utc')::date) k
       group by 1, 2, 3, 4
    ), added as (
      insert into call_count as c (account_id, hour, created_day, total, slots)
      select account_id, hour, created_day, sum(n),
             (select array_agg(coalesce(b.n, 0) order by s)
                from generate_series(0, ${sql.lit(3600 / slotS - 1)}) s
                left join unnest(array_agg(slot), array_agg(n)) as b (slot, n) on b.slot = s)
        from begun group by account_id, hour, created_day
      on conflict (account_id, hour, created_day) do update
        set total = c.total + excluded.total,
            slots = (select array_agg(old + new order by place) from unnest(c.slots, excluded.slots) with ordinality as s (old, new, place))
    )
    select coalesce(sum(n), 0)::int as counted from begun`.execute(tx);
  return rows[0]?.counted ?? 0;
}
