import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { slotS } from './count-calls.ts';
import type { SpanCounts } from './page-place.ts';

/** When calls began; both ends included. */
export type RecordSpan = { readonly from: Date; readonly to: Date };

export type CountedSpan = SpanCounts & {
  /** Where the head begins. */
  readonly countedUntil: Date;
};

/** How many calls of the account began in the span, and when: read from the counts, and counted where those do not reach. */
export async function countSpan(db: Db, accountId: number, span: RecordSpan): Promise<CountedSpan> {
  const whole = wholeSlots(span);
  const begun = sql`k.account_id = ${accountId} and not k.is_repeat`;
  const { rows } = await sql<{ countedUntil: Date; head: number; tail: number; hours: [number, number, string[]][] }>`
    with bound as (
      select greatest(${whole.from}::timestamptz, least(coalesce(counted_until, '-infinity'), ${whole.to}::timestamptz)) as until from call_counting
    ), whole as (
      select c.hour, c.created_day,
             case when c.hour >= ${whole.from} and c.hour + interval '1 hour' <= b.until then c.total
                  else (select coalesce(sum(n), 0)::int from unnest(c.slots[${slotAt(whole.from)} + 1 : ${slotAt(sql`b.until`)}]) n) end as calls
        from bound b join call_count c on c.account_id = ${accountId} and c.hour < b.until
         and c.hour >= date_bin('1 hour', ${whole.from}::timestamptz, 'epoch')
    ), hours as (
      select hour, sum(calls)::int as calls, json_agg(created_day) as days from whole where calls > 0 group by hour
    )
    select b.until as "countedUntil",
           (select count(*)::int from call k where ${begun} and ${dayOfTaskUpTo(span.to)} and k.claimed_at >= b.until and k.claimed_at <= ${span.to}) as head,
           (select count(*)::int from call k where ${begun} and ${dayOfTaskUpTo(whole.from)} and k.claimed_at >= ${span.from} and k.claimed_at < ${whole.from}) as tail,
           (select coalesce(json_agg(json_build_array(extract(epoch from hour)::bigint, calls, days) order by hour desc), '[]') from hours) as hours
      from bound b`.execute(db);
  const row = rows[0];
  if (row === undefined) throw new Error('call_counting has no row');
  const { countedUntil, head, tail } = row;
  return { countedUntil, head, tail, hours: row.hours.map(([hour, calls, days]) => ({ hour, calls, days })) };
}

/** The slots that lie in the span as a whole; none: nothing between its beginning and itself. */
export function wholeSlots({ from, to }: RecordSpan): RecordSpan {
  const slotMs = slotS * 1000;
  const first = Math.ceil(from.getTime() / slotMs) * slotMs;
  const end = Math.floor(to.getTime() / slotMs) * slotMs;
  return first < end ? { from: new Date(first), to: new Date(end) } : { from, to: from };
}

/** How many of the slots of hour `c.hour` lie before a time: 0 to all. */
export function slotAt(time: Date | RawBuilder<unknown>): RawBuilder<unknown> {
  const sinceHour = sql`extract(epoch from ${time}::timestamptz - c.hour)`;
  return sql`least(${sql.lit(3600 / slotS)}, greatest(0, ${sinceHour} / ${sql.lit(slotS)}))::int`;
}

/** A call is never older than its task, so partitions of later days are left out; earlier ones may hold a slow task's calls. */
export function dayOfTaskUpTo(to: Date): RawBuilder<unknown> {
  return sql`k.created_day <= (${to}::timestamptz at time zone 'utc')::date`;
}
