import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { Clock } from '../../lib/clock.ts';
import type { CallKey } from '../record/voice-id.ts';
import type { ReportTry } from './report.ts';
import { type ReportStep, step } from './report-machine.ts';

/** A try of a report, and where the report stood before it. */
export type TriedReport = {
  readonly key: CallKey;
  /** Failed ones before. */
  readonly tries: number;
  /** When it began, in ms of the process's monotonic clock. */
  readonly startedAt: number;
  readonly result: ReportTry;
};

export type SettleOptions = {
  readonly clock: Clock;
  readonly processId: string;
  /** How long a minute between two tries lasts: 60,000, and less in tests. */
  readonly minuteMs: number;
};

type SettledReport = TriedReport & { readonly next: ReportStep };

/**
 * Writes down what came of tries, in two statements at most for any number of them: those that settle their report move it from what is due into the ledger, those that
 * another will follow are kept and make it due again. Safe to repeat, should the answer be lost. A failure counts only where no other try was counted since the
 * report was claimed; a delivery always does, for what has arrived has arrived. Times are PostgreSQL's, reckoned back from now: processes' clocks differ and may step, and what is
 * asked for again goes by them.
 */
export async function settleReports(db: Db, tried: readonly TriedReport[], options: SettleOptions): Promise<void> {
  const settled = tried.map((report): SettledReport => {
    const state = report.tries === 0 ? 'pending' : 'retrying';
    return {
      ...report,
      next: step({ state, tries: report.tries }, report.result.problem === null ? 'delivered' : 'failed'),
    };
  });
  const isLast = ({ next }: SettledReport): boolean => next.actions.some((action) => action.type === 'settle');
  const isOpen = (report: SettledReport): boolean => !isLast(report);
  await writeLast(db, settled.filter(isLast), options);
  await writeFailed(db, settled.filter(isOpen), options);
}

/** `u`: the tries as rows. */
function rowsOf(reports: readonly SettledReport[], { clock }: SettleOptions) {
  const now = clock.monotonic();
  return sql`unnest(
    ${reports.map((report) => report.key.taskId)}::bigint[], ${reports.map((report) => report.key.seq)}::int[],
    ${reports.map((report) => report.tries)}::smallint[], ${reports.map((report) => report.next.position.tries)}::smallint[],
    ${reports.map((report) => report.next.position.state)}::text[], ${reports.map((report) => report.result.deliveryId)}::uuid[],
    ${reports.map((report) => (now - report.startedAt) / 1000)}::float8[], ${reports.map((report) => report.result.tookMs)}::int[],
    ${reports.map((report) => report.result.httpStatus)}::smallint[], ${reports.map((report) => report.result.problem)}::text[],
    ${reports.map(waitMinutes)}::float8[]
  ) as u (task_id, seq, tries_before, tries, state, delivery_id, age_s, took_ms, http_status, problem, wait_minutes)`;
}

/** Where the rows of `u` lie in the queue, locked. As in `claimReports`: by their keys, the planner reads the whole queue once it has grown. */
function rowsStanding(condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select due.ctid from u cross join lateral (
      select ctid from report_due where task_id = u.task_id and seq = u.seq and (${condition}) limit 1 for update) due`;
}

function waitMinutes({ next }: SettledReport): number {
  return next.actions.reduce((minutes, action) => (action.type === 'tryAfter' ? action.minutes : minutes), 0);
}

/** Ends an insert into the ledger. */
export const replacingEarlier = sql`
    on conflict (created_day, task_id, seq) do update
      set tries = excluded.tries, tried_at = excluded.tried_at, took_ms = excluded.took_ms, http_status = excluded.http_status,
          process_id = excluded.process_id, delivery_id = excluded.delivery_id, state = excluded.state, problem = excluded.problem`;

/** When a try of `u` began. */
const triedAt = sql`now() - make_interval(secs => u.age_s)`;

async function writeLast(db: Db, reports: readonly SettledReport[], options: SettleOptions): Promise<void> {
  if (reports.length === 0) return;
  await sql`
    with u as (select * from ${rowsOf(reports, options)}), gone as (
      delete from report_due d where d.ctid = any(array(${rowsStanding(sql`u.state = 'delivered' or tries = u.tries_before`)}))
      returning d.created_day, d.task_id, d.seq, d.app_seq, d.made_at
    )
    insert into report (created_day, task_id, seq, tries, app_seq, made_at, tried_at, took_ms, http_status, process_id, delivery_id, state, problem)
    select g.created_day, g.task_id, g.seq, u.tries, g.app_seq, g.made_at, ${triedAt}, u.took_ms, u.http_status, ${options.processId}::uuid,
           u.delivery_id, u.state, u.problem
      from gone g join u using (task_id, seq)
    ${replacingEarlier}`.execute(db);
}

async function writeFailed(db: Db, reports: readonly SettledReport[], options: SettleOptions): Promise<void> {
  if (reports.length === 0) return;
  await sql`
    with u as (select * from ${rowsOf(reports, options)}), failed as (
      update report_due d
         set tries = u.tries, due_at = now() + make_interval(secs => u.wait_minutes * ${options.minuteMs / 1000}), leased_until = null
        from u
       where d.ctid = any(array(${rowsStanding(sql`tries = u.tries_before`)})) and d.task_id = u.task_id and d.seq = u.seq
      returning d.created_day, d.task_id, d.seq
    )
    insert into report_try (created_day, task_id, seq, took_ms, tried_at, process_id, delivery_id, http_status, problem)
    select f.created_day, f.task_id, f.seq, u.took_ms, ${triedAt}, ${options.processId}::uuid, u.delivery_id, u.http_status, u.problem
      from failed f join u using (task_id, seq)`.execute(db);
}
