import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { type RecordRow, recordColumns, recordOf } from '../record/record-columns.ts';
import type { CallKey } from '../record/voice-id.ts';
import type { ReportTarget } from './report.ts';
import { type ReportBody, reportBody } from './report-body.ts';

/** A report that this process, and no other, may deliver until its lease is over. */
export type ClaimedReport = {
  readonly key: CallKey;
  readonly appSeq: number;
  /** Failed ones so far. */
  readonly tries: number;
  readonly body: ReportBody;
};

/** How many of an app's reports to claim at most. */
export type ReportRoom = { readonly target: ReportTarget; readonly room: number };

/** The apps whose reports go out. */
export async function listReportTargets(db: Db): Promise<ReportTarget[]> {
  const rows = await db
    .selectFrom('app')
    .select(['app_seq', 'app_id', 'report_url', 'report_secret', 'has_report_batches'])
    .where('report_url', 'is not', null)
    .where('is_report_paused', '=', false)
    .orderBy('app_seq')
    .execute();
  return rows.flatMap(({ app_seq, app_id, report_url, report_secret, has_report_batches }) =>
    report_url === null || report_secret === null
      ? []
      : [{ appSeq: app_seq, appId: app_id, url: report_url, secret: report_secret, hasBatches: has_report_batches }],
  );
}

type LeasedRow = CallKey & { readonly appSeq: number; readonly tries: number };

/**
 * Takes reports that are due, for each app its oldest ones, and reads what they say. `leaseMs` from now on they are this process's; after that, should it be
 * gone, anybody's. Any number of processes share the work by it: who comes second skips the rows that the first has locked. What belongs to a
 * day that was dropped is let go of, with its report.
 *
 * Two statements: in the second the day is a constant, so that the planner looks at one partition of the calls. In the first the rows are found again by where they
 * lie (they are locked, so they stay there): by their keys, the planner reads the whole queue once it has grown.
 */
export async function claimReports(db: Db, rooms: readonly ReportRoom[], leaseMs: number): Promise<ClaimedReport[]> {
  const wanted = rooms.filter(({ room }) => room > 0);
  if (wanted.length === 0) return [];
  const { rows: leased } = await sql<LeasedRow>`
    with wanted as (
      select * from unnest(${wanted.map(({ target }) => target.appSeq)}::bigint[], ${wanted.map(({ room }) => room)}::int[])
        as w (app_seq, room)
    )
    update report_due d set leased_until = now() + make_interval(secs => ${leaseMs / 1000})
     where d.ctid = any(array(
       select due.ctid from wanted w cross join lateral (
         select ctid from report_due
          where app_seq = w.app_seq and due_at <= now() and (leased_until is null or leased_until < now())
          order by due_at limit w.room for update skip locked) due))
    returning d.created_day as "createdDay", d.task_id as "taskId", d.seq, d.app_seq as "appSeq", d.tries`.execute(db);
  const appIds = new Map(wanted.map(({ target }) => [target.appSeq, target.appId]));
  const claimed: ClaimedReport[] = [];
  for (const [day, rows] of Map.groupBy(leased, (row) => row.createdDay)) {
    const bodies = await readBodies(db, day, rows, appIds);
    const isFound = (row: LeasedRow): boolean => bodies.has(placeOf(row));
    await letGo(
      db,
      rows.filter((row) => !isFound(row)),
    );
    for (const row of rows) {
      const body = bodies.get(placeOf(row));
      if (body !== undefined) claimed.push({ key: keyOf(row), appSeq: row.appSeq, tries: row.tries, body });
    }
  }
  return claimed;
}

/** Gives back what will not be delivered by this process after all, so that nobody waits for its lease. */
export async function releaseReports(db: Db, keys: readonly CallKey[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    update report_due d set leased_until = null
      from unnest(${keys.map((key) => key.taskId)}::bigint[], ${keys.map((key) => key.seq)}::int[]) as u (task_id, seq)
     where d.task_id = u.task_id and d.seq = u.seq`.execute(db);
}

/** By task and seq; not by voice id, which the rounds of a direct call have in common. */
async function readBodies(
  db: Db,
  day: string,
  rows: readonly LeasedRow[],
  appIds: ReadonlyMap<number, string>,
): Promise<Map<string, ReportBody>> {
  const { rows: records } = await sql<RecordRow & { readonly appSeq: number }>`
    select ${recordColumns}, u.app_seq as "appSeq"
      from unnest(${rows.map((row) => row.taskId)}::bigint[], ${rows.map((row) => row.seq)}::int[],
                  ${rows.map((row) => row.appSeq)}::bigint[]) as u (task_id, seq, app_seq)
      cross join lateral (
        select * from call where created_day = ${day}::date and task_id = u.task_id and seq = u.seq limit 1) k
      join task t on t.task_id = k.task_id`.execute(db);
  return new Map(
    records.map(({ appSeq, ...row }) => {
      const facts = { key: keyOf(row), appId: appIds.get(appSeq) ?? '' };
      return [placeOf(row), reportBody(recordOf(row), facts)];
    }),
  );
}

function placeOf({ taskId, seq }: Pick<CallKey, 'taskId' | 'seq'>): string {
  return `${taskId}/${seq}`;
}

async function letGo(db: Db, rows: readonly LeasedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    delete from report_due d
     using unnest(${rows.map((row) => row.taskId)}::bigint[], ${rows.map((row) => row.seq)}::int[]) as u (task_id, seq)
     where d.task_id = u.task_id and d.seq = u.seq`.execute(db);
}

function keyOf({ createdDay, taskId, seq }: CallKey): CallKey {
  return { createdDay, taskId, seq };
}
