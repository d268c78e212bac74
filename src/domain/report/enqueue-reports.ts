import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';

/** Calls of one task that are to be reported. */
export type ReportedCalls = {
  /** `YYYY-MM-DD` */
  readonly createdDay: string;
  readonly taskId: number;
  readonly seqs: readonly number[];
  /** null: the task's app has no report URL. */
  readonly reportAppSeq: number | null;
};

/** Of a `task t`: the number of its app; null: the app has no report URL. */
export const reportAppSeq = sql`(select a.app_seq from app a where a.app_id = t.app_id and a.report_url is not null)`;

/**
 * Makes the reports of calls that have ended, in the transaction that ended them: a call that has a record has a report. One statement for all, and none
 * where nobody wants any. Nobody is told: processes that deliver look every moment, where a NOTIFY would have the commits of calls' ends wait for each other.
 */
export async function enqueueReports(tx: Db, calls: readonly ReportedCalls[]): Promise<void> {
  const reported = calls.flatMap(({ createdDay, taskId, seqs, reportAppSeq: appSeq }) =>
    appSeq === null ? [] : seqs.map((seq) => ({ createdDay, taskId, seq, appSeq })),
  );
  if (reported.length === 0) return;
  // A call ends once, so there is no report of it yet; one that were there all the same must not cost the call its end.
  await sql`
    insert into report_due (task_id, app_seq, created_day, seq)
    select * from unnest(
      ${reported.map((call) => call.taskId)}::bigint[], ${reported.map((call) => call.appSeq)}::bigint[],
      ${reported.map((call) => call.createdDay)}::date[], ${reported.map((call) => call.seq)}::int[])
    on conflict do nothing`.execute(tx);
}
