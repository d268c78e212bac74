import { sql } from 'kysely';
import type { CallMachine } from '../../call/call-machine.ts';
import type { LegMediaStats } from '../../call/leg-media-stats.ts';
import type { Outcome } from '../../call/outcome.ts';
import { runPrepared } from '../../db/prepared-statement.ts';
import type { Db, DbTransaction } from '../../db/tables.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { reportAppSeq } from '../report/enqueue-reports.ts';
import { type EndedCalls, followEndedCalls } from './ended-calls.ts';

/** Everything known of a call at one moment. A later one holds all that an earlier one held, so only the latest needs writing. */
export type CallSnapshot = {
  /** `YYYY-MM-DD` */
  readonly createdDay: string;
  readonly taskId: number;
  readonly seq: number;
  readonly state: 'dialing' | 'ringing' | 'answered' | 'ended';
  readonly trunkId: number | null;
  readonly attempt: number;
  readonly displayNum: string | null;
  readonly invitedAt: Date | null;
  readonly ringingAt: Date | null;
  readonly answeredAt: Date | null;
  /** The first key pressed so far; null: none. */
  readonly feedbackValue: string | null;
  /** All keys pressed so far, in order; null: none. */
  readonly digits: string | null;
  /** Whether its task sends an SMS so long after the answer, however long the call is. */
  readonly textsAnswer?: boolean;
  /** Set when the state is `ended`, null before. */
  readonly end: CallEnd | null;
};

export type CallEnd = {
  readonly endedAt: Date;
  readonly outcome: Outcome;
  /** How the audio of an answered call went, and who answered; null: not known. */
  readonly media: LegMediaStats | null;
  readonly machine: CallMachine | null;
};

/**
 * Writes the state of calls in progress. Rows that have ended, or belong to another process, stay as they are, and so do those that know more
 * already: a write that was given up on a frozen server may be executed after the one that followed it.
 */
export async function writeProgress(db: Db, processId: string, snapshots: readonly CallSnapshot[]): Promise<void> {
  for (const [day, calls] of byDay(snapshots)) {
    const of = columnsOf(calls);
    const statement = sql`
      update call c set state = u.state, trunk_id = u.trunk_id, attempt = u.attempt, display_num = coalesce(u.display_num, c.display_num),
        invited_at = u.invited_at, ringing_at = u.ringing_at, answered_at = u.answered_at, feedback_value = u.feedback_value, digits = u.digits
      from unnest(
        ${of.taskId}::bigint[], ${of.seq}::int[], ${of.state}::text[], ${of.trunkId}::bigint[], ${of.attempt}::smallint[],
        ${of.displayNum}::text[], ${of.invitedAt}::timestamptz[], ${of.ringingAt}::timestamptz[], ${of.answeredAt}::timestamptz[],
        ${of.feedbackValue}::text[], ${of.digits}::text[]
      ) as u (task_id, seq, state, trunk_id, attempt, display_num, invited_at, ringing_at, answered_at, feedback_value, digits)
      where c.created_day = ${sql.lit(day)}::date and c.task_id = u.task_id and c.seq = u.seq
        and c.process_id = ${processId} and c.state <> 'ended'
        and (u.attempt, u.answered_at is not null, u.ringing_at is not null, length(coalesce(u.digits, '')))
          >= (c.attempt, c.answered_at is not null, c.ringing_at is not null, length(coalesce(c.digits, '')))`;
    await runPrepared(db, statement);
  }
}

/**
 * Ends calls, adds them to their tasks' counters and finishes the tasks whose last call it was; in the caller's transaction, so that a call is
 * counted exactly when its row says `ended`. Returns how many rows changed: one that had ended already is neither changed nor counted again, which
 * makes the same write safe to repeat after a lost connection, and safe against a sweeper that does it too.
 */
export async function endCalls(
  tx: DbTransaction,
  processId: string,
  snapshots: readonly CallSnapshot[],
  scheduling: Scheduling,
): Promise<number> {
  const ended: EndedCalls[] = [];
  for (const [day, calls] of byDay(snapshots)) ended.push(...(await endOfDay(tx, processId, day, calls)));
  // After all days: what follows locks rows that are only to be locked when no more tasks are.
  await followEndedCalls(tx, ended, scheduling);
  return ended.reduce((sum, { seqs }) => sum + seqs.length, 0);
}

async function endOfDay(
  tx: DbTransaction,
  processId: string,
  day: string,
  snapshots: readonly CallSnapshot[],
): Promise<readonly EndedCalls[]> {
  const endings = snapshots.flatMap((snapshot) => (snapshot.end ? [{ ...snapshot, ...snapshot.end }] : []));
  if (endings.length === 0) return [];
  const of = columnsOf(endings);
  // The tasks are locked in the order of their ids, so that two flushes over the same tasks queue instead of deadlocking.
  const statement = sql<Omit<EndedCalls, 'createdDay'>>`
    with ended as (
      update call c set state = 'ended', trunk_id = coalesce(u.trunk_id, c.trunk_id), attempt = u.attempt,
        display_num = coalesce(u.display_num, c.display_num), invited_at = coalesce(u.invited_at, c.invited_at),
        ringing_at = coalesce(u.ringing_at, c.ringing_at), answered_at = coalesce(u.answered_at, c.answered_at), ended_at = u.ended_at,
        outcome_class = u.outcome_class, call_status = u.call_status, termination_code = u.termination_code,
        termination_reason = u.termination_reason, sip_status = u.sip_status, q850_cause = u.q850_cause, end_reason = u.end_reason,
        feedback_value = coalesce(u.feedback_value, c.feedback_value), digits = coalesce(u.digits, c.digits),
        media = u.media, machine = u.machine,
        (charged_duration_s, cost, base_cost) = ${chargeOfEnd}
      from unnest(
        ${of.taskId}::bigint[], ${of.seq}::int[], ${of.trunkId}::bigint[], ${of.attempt}::smallint[], ${of.displayNum}::text[],
        ${of.invitedAt}::timestamptz[], ${of.ringingAt}::timestamptz[], ${of.answeredAt}::timestamptz[],
        ${endings.map((end) => end.endedAt)}::timestamptz[], ${endings.map((end) => end.outcome.class)}::text[],
        ${endings.map((end) => end.outcome.callStatus)}::smallint[], ${endings.map((end) => end.outcome.terminationCode)}::text[],
        ${endings.map((end) => end.outcome.terminationReason)}::text[], ${endings.map((end) => end.outcome.sipStatus)}::smallint[],
        ${endings.map((end) => end.outcome.q850Cause)}::smallint[], ${endings.map((end) => end.outcome.endReason)}::text[],
        ${of.feedbackValue}::text[], ${of.digits}::text[],
        ${endings.map((end) => jsonOf(end.media))}::jsonb[], ${endings.map((end) => jsonOf(end.machine))}::jsonb[]
      ) as u (task_id, seq, trunk_id, attempt, display_num, invited_at, ringing_at, answered_at, ended_at, outcome_class, call_status,
        termination_code, termination_reason, sip_status, q850_cause, end_reason, feedback_value, digits, media, machine)
      where c.created_day = ${sql.lit(day)}::date and c.task_id = u.task_id and c.seq = u.seq
        and c.process_id = ${processId} and c.state <> 'ended'
      returning c.task_id, c.seq, c.call_status, c.feedback_value, c.answered_at, c.ended_at, c.charged_duration_s, c.cost, c.reserved
    ), sums as (
      select task_id, array_agg(seq) as seqs, count(*)::int as n, count(*) filter (where call_status = 50)::int as successes, count(feedback_value)::int as keys,
        coalesce(sum(greatest(0, ceil(extract(epoch from ended_at - answered_at)))) filter (where call_status = 50), 0)::bigint as seconds,
        coalesce(sum(charged_duration_s), 0) as charged_s, sum(cost) filter (where reserved is not null) as cost, sum(reserved) as reserved
      from ended group by task_id
    ), locked as (
      select task_id from task where task_id in (select task_id from sums) order by task_id for update
    )
    update task t set ended_count = t.ended_count + s.n, success_count = t.success_count + s.successes,
      fail_count = t.fail_count + s.n - s.successes, key_feedback_count = t.key_feedback_count + s.keys,
      call_duration_s = t.call_duration_s + s.seconds, charged_s = t.charged_s + s.charged_s, updated_at = now()
    from sums s join locked using (task_id)
    where t.task_id = s.task_id
    returning t.task_id as "taskId", t.account_id as "accountId", t.app_id as "appId", s.seqs, s.reserved, s.cost,
      t.ended_count >= t.number_count as "isTaskComplete", t.rounds_left = 0 or s.successes > 0 as "isFinal",
      ${reportAppSeq} as "reportAppSeq", t.has_hang_up_sms as "hasHangUpSms"`;
  const rows = await runPrepared(tx, statement);
  return rows.map((row) => ({ createdDay: day, ...row })).sort((a, b) => a.taskId - b.taskId);
}

/**
 * What the call `c` costs that ends as `u` says: the three columns of its row, all null when it has no rate. That of the claim, whatever holds by now, and for no more
 * than what was held for it then.
 */
const chargeOfEnd = sql`(
  select s.charged, cost_of(s.charged, r.rate), round(cost_of(s.charged, r.rate) * r.quote_exchange, 6)
  from rate r cross join lateral (
    select charged_seconds(
      least(c.charge_limit_s, coalesce(ceil(extract(epoch from u.ended_at - coalesce(u.answered_at, c.answered_at))), 0)::int),
      r.first_s, r.step_s) as charged) s
  where r.rate_id = c.rate_id)`;

/** One statement a day, with the day as a literal, so that the plan has one partition instead of all of them. In order, for the locks. */
function byDay(snapshots: readonly CallSnapshot[]): [string, CallSnapshot[]][] {
  return [...Map.groupBy(snapshots, (call) => call.createdDay)].sort(([a], [b]) => (a < b ? -1 : 1));
}

function jsonOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

function columnsOf(snapshots: readonly CallSnapshot[]) {
  return {
    taskId: snapshots.map((call) => call.taskId),
    seq: snapshots.map((call) => call.seq),
    state: snapshots.map((call) => call.state),
    trunkId: snapshots.map((call) => call.trunkId),
    attempt: snapshots.map((call) => call.attempt),
    displayNum: snapshots.map((call) => call.displayNum),
    invitedAt: snapshots.map((call) => call.invitedAt),
    ringingAt: snapshots.map((call) => call.ringingAt),
    answeredAt: snapshots.map((call) => call.answeredAt),
    feedbackValue: snapshots.map((call) => call.feedbackValue),
    digits: snapshots.map((call) => call.digits),
  };
}
