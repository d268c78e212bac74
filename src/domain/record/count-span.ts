import { type RawBuilder, sql } from 'kysely';
import { preparedStatement } from '../../db/prepared-statement.ts';
import type { Db } from '../../db/tables.ts';
import { slotS } from './count-calls.ts';
import type { CountedCalls, SpanCounts } from './page-place.ts';

/** When calls began; `to` itself is not in it. */
export type RecordSpan = { readonly from: Date; readonly to: Date };

export type CountedSpan = SpanCounts & {
  /** Where the head begins. */
  readonly countedUntil: Date;
};

/** How many calls of the account began in the span, and when: read from the counts, and counted where those do not reach. */
export async function countSpan(db: Db, accountId: number, span: RecordSpan): Promise<CountedSpan> {
  const whole = wholeSlots(span);
  const [row] = await countsOf(db, [accountId, span.from, span.to, whole.from, whole.to]);
  if (row === undefined) throw new Error('call_counting has no row');
  const { countedUntil, head, tail, hours } = row;
  return {
    countedUntil,
    head: together(head),
    tail: together(tail),
    hours: hours.map(([hour, calls, days]) => ({ hour, calls, days })),
  };
}

type CountsRow = {
  readonly countedUntil: Date;
  /** By the day of their tasks. */
  readonly head: readonly (readonly [day: string, calls: number])[];
  readonly tail: readonly (readonly [day: string, calls: number])[];
  readonly hours: readonly (readonly [hour: number, calls: number, days: string[]])[];
};

const lastSlot = 3600 / slotS;

/** How many of the slots of hour `c.hour` lie before a time: 0 to all. */
const slotAt = (time: string): string =>
  `least(${lastSlot}, greatest(0, extract(epoch from ${time} - c.hour) / ${slotS}))::int`;

/** Calls of the account between two times, by the day of their tasks, as [[day, calls]]. A call is never older than its task. */
const begun = (bounds: string, latest: string): string => `(
  select coalesce(json_agg(json_build_array(day, calls)), '[]') from (
    select k.created_day as day, count(*)::int as calls from call k
     where k.account_id = (select account_id from asked) and not k.is_repeat and ${bounds}
       and k.created_day <= (select (${latest} at time zone 'utc')::date from asked)
     group by k.created_day) d)`;

/**
 * Nearly all of its cost would be planning: sixty partitions, twice, and calls in a few of them. So it is prepared; and the values come as subqueries, because a plan for
 * values that are known looks cheaper than one for any, and PostgreSQL would make it anew each time.
 */
const countsOf = preparedStatement<CountsRow>(`
  with asked as materialized (
    select $1::bigint as account_id, $2::timestamptz as from_at, $3::timestamptz as to_at, $4::timestamptz as whole_from, $5::timestamptz as whole_to
  ), bound as materialized (
    select greatest(a.whole_from, least(coalesce(c.counted_until, '-infinity'), a.whole_to)) as until, a.whole_from, a.account_id
      from call_counting c cross join asked a
  ), whole as (
    select c.hour, c.created_day,
           case when c.hour >= b.whole_from and c.hour + interval '1 hour' <= b.until then c.total
                else (select coalesce(sum(n), 0)::int from unnest(c.slots[${slotAt('b.whole_from')} + 1 : ${slotAt('b.until')}]) n) end as calls
      from bound b join call_count c on c.account_id = b.account_id and c.hour < b.until and c.hour >= date_bin('1 hour', b.whole_from, 'epoch')
  ), hours as (
    select hour, sum(calls)::int as calls, json_agg(created_day) as days from whole where calls > 0 group by hour
  )
  select until as "countedUntil",
         ${begun('k.claimed_at >= (select until from bound) and k.claimed_at < (select to_at from asked)', 'to_at')} as head,
         ${begun('k.claimed_at >= (select from_at from asked) and k.claimed_at < (select whole_from from asked)', 'whole_from')} as tail,
         (select coalesce(json_agg(json_build_array(extract(epoch from hour)::bigint, calls, days) order by hour desc), '[]') from hours) as hours
    from bound`);

function together(byDay: CountsRow['head']): CountedCalls {
  return { calls: byDay.reduce((sum, [, calls]) => sum + calls, 0), days: byDay.map(([day]) => day) };
}

/** The slots that lie in the span as a whole; none: nothing between its beginning and itself. */
export function wholeSlots({ from, to }: RecordSpan): RecordSpan {
  const slotMs = slotS * 1000;
  const first = Math.ceil(from.getTime() / slotMs) * slotMs;
  const end = Math.floor(to.getTime() / slotMs) * slotMs;
  return first < end ? { from: new Date(first), to: new Date(end) } : { from, to: from };
}

/** How many calls began in each slot of an hour between two times, the latest first; slots are counted from 1. */
export async function slotsOf(
  db: Db,
  accountId: number,
  hour: Date,
  { from, to }: RecordSpan,
): Promise<readonly { readonly slot: number; readonly calls: number }[]> {
  const at = (time: Date): RawBuilder<unknown> => sql`${time}::timestamptz`;
  const { rows } = await sql<{ slot: number; calls: number }>`
    select s.slot::int as slot, sum(s.calls)::int as calls
      from call_count c cross join unnest(c.slots) with ordinality as s (calls, slot)
     where c.account_id = ${accountId} and c.hour = ${hour} and s.calls > 0
       and c.hour + s.slot * ${sql.lit(`${slotS} s`)}::interval > ${at(from)} and c.hour + s.slot * ${sql.lit(`${slotS} s`)}::interval <= ${at(to)}
     group by s.slot order by s.slot desc`.execute(db);
  return rows;
}
