import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { ReportTry } from './report.ts';
import { scheduleMinutes } from './report-machine.ts';
import { replacingEarlier } from './settle-reports.ts';

export type GivingUp = {
  readonly appSeq: number;
  /** How long a minute between two tries lasts: 60,000, and less in tests. */
  readonly minuteMs: number;
  readonly processId: string;
  /** The last one that showed that the receiver is down: stands in the ledger for the tries that were not made. */
  readonly probe: ReportTry;
};

/** In one transaction. */
const batchSize = 2000;
/** With one probe: also where each takes its ten seconds, they keep up with a thousand calls a second. */
const mostAtOnce = 20_000;

/** How long a receiver is down, in ms, before its oldest reports are given up. */
export function givesUpAfterMs(minuteMs: number): number {
  return scheduleMinutes * minuteMs;
}

/**
 * Has those of an app's reports die that have been due for as long as the whole schedule of tries takes (`outlasted`, see `report-machine.ts`), the oldest first and 20,000 at most. To be
 * asked for only when the receiver has been down all that time. Their own tries stay as many as they were. Returns how many it were.
 */
export async function giveUpReports(db: Db, giving: GivingUp): Promise<number> {
  let total = 0;
  while (total < mostAtOnce) {
    const given = await giveUpBatch(db, giving);
    total += given;
    if (given < batchSize) break;
  }
  return total;
}

async function giveUpBatch(db: Db, { appSeq, minuteMs, processId, probe }: GivingUp): Promise<number> {
  const problem = `not tried, for its receiver was down all the time: ${probe.problem}`;
  const result = await sql`
    with gone as (
      delete from report_due d where d.ctid = any(array(
        select ctid from report_due
         where app_seq = ${appSeq} and due_at < now() - make_interval(secs => ${givesUpAfterMs(minuteMs) / 1000})
           and (leased_until is null or leased_until < now())
         order by due_at limit ${batchSize} for update skip locked))
      returning d.*
    )
    insert into report (created_day, task_id, seq, tries, app_seq, made_at, tried_at, took_ms, http_status, process_id, delivery_id, state, problem)
    select created_day, task_id, seq, tries, app_seq, made_at, now(), ${probe.tookMs}, ${probe.httpStatus}::smallint, ${processId}::uuid,
           ${probe.deliveryId}::uuid, 'dead', ${problem}
      from gone
    ${replacingEarlier}`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
