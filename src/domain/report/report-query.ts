import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { type CallKey, formatVoiceId, parseVoiceId } from '../record/voice-id.ts';
import type { ReportState, ReportTry } from './report.ts';

/** A report as an operator sees it, from both tables. */
export type ReportView = {
  readonly key: CallKey;
  readonly voiceId: string;
  readonly appId: string;
  readonly state: ReportState;
  /** Failed ones since it was made or asked for. */
  readonly tries: number;
  /** The call's end. */
  readonly madeAt: Date;
  /** When it is tried next; null: it is settled. */
  readonly dueAt: Date | null;
  /** null: none yet. */
  readonly lastTry: KeptTry | null;
};

/** A try as it was written down: when it began, by PostgreSQL's clock, and the process that made it. */
export type KeptTry = ReportTry & { readonly triedAt: Date; readonly processId: string };

export type ReportPage = { readonly limit: number; readonly offset: number };

/** How many reports of an app there are. */
export type ReportCounts = {
  readonly pending: number;
  readonly retrying: number;
  readonly dead: number;
  /** Those whose calls ended within the last 24 hours: all that ever were take too long to count. */
  readonly deliveredOfLastDay: number;
  /** Since when the oldest that is due waits; null: none is. */
  readonly oldestDueAt: Date | null;
};

/** Of a task's calls, by seq. Throws `unknownEntry`. */
export async function listTaskReports(
  db: Db,
  taskId: number,
  state: ReportState | null,
  page: ReportPage,
): Promise<{ total: number; items: ReportView[] }> {
  const task = await db.selectFrom('task').select('created_day').where('task_id', '=', taskId).executeTakeFirst();
  if (task === undefined) throw errors.unknownEntry('task', taskId);
  const ofTask = sql`created_day = ${task.created_day}::date and task_id = ${taskId}`;
  return readPage(db, sql`select * from (${bothTables(ofTask)}) b where ${isState(state)}`, sql`b.seq`, page);
}

/** Of an app's calls: those that wait, the next one first, or those that are dead, the oldest first. */
export async function listAppReports(
  db: Db,
  appSeq: number,
  state: Exclude<ReportState, 'delivered'>,
  page: ReportPage,
): Promise<{ total: number; items: ReportView[] }> {
  const ofApp = sql`app_seq = ${appSeq}`;
  if (state === 'dead')
    return readPage(db, settled(sql`${ofApp} and state = 'dead'`), sql`b.made_at, b.task_id, b.seq`, page);
  const isRetrying = state === 'retrying';
  return readPage(db, due(sql`${ofApp} and (tries > 0) = ${isRetrying}`), sql`b.due_at, b.task_id, b.seq`, page);
}

export async function countReports(db: Db, appSeq: number): Promise<ReportCounts> {
  const { rows } = await sql<ReportCounts>`
    select count(*) filter (where tries = 0)::int as pending, count(*) filter (where tries > 0)::int as retrying,
           min(due_at) filter (where due_at <= now()) as "oldestDueAt",
           (select count(*)::int from report where app_seq = ${appSeq} and state = 'dead') as dead,
           (select count(*)::int from report where app_seq = ${appSeq} and state = 'delivered' and made_at > now() - interval '1 day')
             as "deliveredOfLastDay"
      from report_due where app_seq = ${appSeq}`.execute(db);
  const [counts] = rows;
  return counts ?? { pending: 0, retrying: 0, dead: 0, deliveredOfLastDay: 0, oldestDueAt: null };
}

/** A report with all its tries, the oldest first. Throws `unknownEntry`. */
export async function getReport(db: Db, voiceId: string): Promise<{ report: ReportView; tries: KeptTry[] }> {
  for (const { createdDay, taskId, seq } of await keysOf(db, [voiceId])) {
    const ofCall = sql`created_day = ${createdDay}::date and task_id = ${taskId} and seq = ${seq}`;
    const { items } = await readPage(db, bothTables(ofCall), sql`b.seq`, { limit: 1, offset: 0 });
    const [report] = items;
    if (report === undefined) continue;
    const { rows: earlier } = await sql<KeptTry>`
      select ${tryColumns} from report_try where ${ofCall} order by tried_at`.execute(db);
    const isSettled = report.state === 'delivered' || report.state === 'dead';
    return { report, tries: isSettled && report.lastTry ? [...earlier, report.lastTry] : earlier };
  }
  throw errors.unknownEntry('report', voiceId);
}

/**
 * The calls that voice ids may stand for. The client of a direct call that is made again knows the last round, which is what is reported, by the id of the first one.
 * What is no voice id stands for nothing.
 */
export async function keysOf(db: Db, voiceIds: readonly string[]): Promise<CallKey[]> {
  const keys = voiceIds.flatMap((voiceId) => parseVoiceId(voiceId) ?? []);
  if (keys.length === 0) return [];
  const { rows: rounds } = await sql<CallKey>`
    select t.created_day as "createdDay", t.task_id as "taskId", 1 as seq
      from recall_flow f join recall_node n using (flow_id) join task t on t.task_id = n.task_id
     where f.is_hidden and f.task_id = any(${keys.map((key) => key.taskId)}::bigint[]) and t.voice_id = any(${[...voiceIds]}::text[])`.execute(
    db,
  );
  return [...keys, ...rounds];
}

const tryColumns = sql`
  delivery_id as "deliveryId", tried_at as "triedAt", took_ms as "tookMs", http_status as "httpStatus", problem, process_id as "processId"`;

/** What is still to be delivered, in the columns of {@link bothTables}. */
function due(where: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select created_day, task_id, seq, app_seq, case when tries = 0 then 'pending' else 'retrying' end as state, tries, made_at, due_at,
           null::timestamptz as tried_at, null::int as took_ms, null::smallint as http_status, null::uuid as process_id,
           null::uuid as delivery_id, null as problem
      from report_due where ${where}`;
}

function settled(where: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select created_day, task_id, seq, app_seq, state, tries, made_at, null::timestamptz as due_at,
           tried_at, took_ms, http_status, process_id, delivery_id, problem
      from report where ${where}`;
}

function bothTables(where: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${due(where)} union all ${settled(where)}`;
}

function isState(state: ReportState | null): RawBuilder<unknown> {
  return state === null ? sql`true` : sql`state = ${state}`;
}

type ViewRow = CallKey &
  Omit<ReportView, 'key' | 'voiceId' | 'lastTry'> & { readonly [Name in keyof KeptTry]: KeptTry[Name] | null };

async function readPage(
  db: Db,
  reports: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  { limit, offset }: ReportPage,
): Promise<{ total: number; items: ReportView[] }> {
  const counted = await sql<{ total: number }>`select count(*)::int as total from (${reports}) b`.execute(db);
  // The last try of one that is not settled is among those that another one follows.
  const { rows } = await sql<ViewRow>`
    select b.created_day as "createdDay", b.task_id as "taskId", b.seq, a.app_id as "appId", b.state, b.tries, b.made_at as "madeAt",
           b.due_at as "dueAt", coalesce(b.tried_at, x.tried_at) as "triedAt", coalesce(b.took_ms, x.took_ms) as "tookMs",
           coalesce(b.process_id, x.process_id) as "processId", coalesce(b.delivery_id, x.delivery_id) as "deliveryId",
           case when b.tried_at is null then x.http_status else b.http_status end as "httpStatus",
           case when b.tried_at is null then x.problem else b.problem end as problem
      from (select * from (${reports}) b order by ${order} limit ${limit} offset ${offset}) b
      join app a using (app_seq)
      left join lateral (
        select * from report_try t
         where b.tried_at is null and t.created_day = b.created_day and t.task_id = b.task_id and t.seq = b.seq
         order by t.tried_at desc limit 1) x on true
     order by ${order}`.execute(db);
  return { total: counted.rows[0]?.total ?? 0, items: rows.map(viewOf) };
}

function viewOf(row: ViewRow): ReportView {
  const { createdDay, taskId, seq, appId, state, tries, madeAt, dueAt } = row;
  const { deliveryId, triedAt, tookMs, httpStatus, problem, processId } = row;
  const hasTry = deliveryId !== null && triedAt !== null && tookMs !== null && processId !== null;
  const key = { createdDay, taskId, seq };
  return {
    ...{ key, voiceId: formatVoiceId(key), appId, state, tries, madeAt, dueAt },
    lastTry: hasTry ? { deliveryId, triedAt, tookMs, httpStatus, problem, processId } : null,
  };
}
