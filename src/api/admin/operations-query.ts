import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { taskStateWords } from '../../domain/error/state-words.ts';
import { type TaskStatus, taskStatus } from '../../domain/task/status.ts';
import type { TrunkCircuit, TrunkOptionsReport, TrunkRegistrationReport } from '../../domain/trunk/trunk-health.ts';
import type { TaskProgress } from './schema.ts';

/** Reads for the operator, over all accounts; they change nothing. */

/** A process as the operator sees it. */
export type ProcessRow = {
  readonly processId: string;
  readonly kind: 'api' | 'dialer';
  readonly host: string;
  readonly pid: number;
  readonly status: 'live' | 'stopped' | 'dead';
  readonly startedAt: string;
  readonly heartbeatAt: string;
  /** By the database's clock. */
  readonly heartbeatAgeMs: number;
};

/** Processes, the youngest first; those that ended a day ago or longer are left out. */
export async function listProcesses(db: Db): Promise<ProcessRow[]> {
  const rows = await db
    .selectFrom('process')
    .select(['process_id', 'kind', 'host', 'pid', 'status', 'started_at', 'heartbeat_at'])
    .select(sql<number>`(extract(epoch from now() - heartbeat_at) * 1000)::integer`.as('heartbeat_age_ms'))
    .where(sql<boolean>`status = 'live' or heartbeat_at > now() - interval '1 day'`)
    .orderBy('started_at', 'desc')
    .orderBy('process_id')
    .execute();
  return rows.map((row) => ({
    processId: row.process_id,
    kind: row.kind,
    host: row.host,
    pid: row.pid,
    status: row.status,
    startedAt: row.started_at.toISOString(),
    heartbeatAt: row.heartbeat_at.toISOString(),
    heartbeatAgeMs: row.heartbeat_age_ms,
  }));
}

/** A trunk as one live dialer process sees it. */
export type TrunkReport = {
  readonly trunkId: number;
  readonly processId: string;
  readonly state: 'up' | 'down' | 'probing';
  readonly reason: string | null;
  readonly activeCalls: number;
  /** null: from a process of before these were told, as the next two. */
  readonly circuit: TrunkCircuit | null;
  readonly registration: TrunkRegistrationReport | null;
  readonly options: TrunkOptionsReport | null;
  readonly updatedAt: string;
};

/** What each live dialer process says of each trunk. */
export async function listTrunkReports(db: Db): Promise<TrunkReport[]> {
  const rows = await db
    .selectFrom('trunk_health')
    .innerJoin('process', 'process.process_id', 'trunk_health.process_id')
    .select(['trunk_id', 'trunk_health.process_id', 'state', 'reason', 'active_calls', 'updated_at'])
    .select([
      sql<TrunkReport['circuit']>`circuit`.as('circuit'),
      sql<TrunkReport['registration']>`registration`.as('registration'),
      sql<TrunkReport['options']>`options`.as('options'),
    ])
    .where('process.status', '=', 'live')
    .orderBy('trunk_id')
    .orderBy('trunk_health.process_id')
    .execute();
  return rows.map((row) => ({
    trunkId: row.trunk_id,
    processId: row.process_id,
    state: row.state,
    reason: row.reason,
    activeCalls: row.active_calls,
    circuit: row.circuit,
    registration: row.registration,
    options: row.options,
    updatedAt: row.updated_at.toISOString(),
  }));
}

/** How many tasks there are in each state, by the state's name; states without one are left out, and so are direct calls' tasks. */
export async function countTasks(db: Db): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('task')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .where('is_hidden', '=', sql.lit(false))
    .groupBy('status')
    .orderBy('status')
    .execute();
  return Object.fromEntries(rows.map(({ status, count }) => [taskStateWords[status].en, count]));
}

/** Tasks that are calling, and others whose calls are still up; oldest first. Direct calls' tasks only where `withHidden`. */
export async function listRunningTasks(db: Db, limit: number, withHidden: boolean): Promise<TaskProgress[]> {
  const unfinished: TaskStatus[] = [taskStatus.cancelled, taskStatus.suspended];
  const rows = await selectProgress(db)
    .where((eb) => (withHidden ? eb.lit(true) : eb('task.is_hidden', '=', sql.lit(false))))
    .where((eb) =>
      eb.or([
        eb('task.status', '=', taskStatus.calling),
        eb.and([eb('task.status', 'in', unfinished), eb('ended_count', '<', sql<number>`next_seq - 1`)]),
      ]),
    )
    .orderBy('task.task_id')
    .limit(limit)
    .execute();
  return rows.map(progressOf);
}

/** Any account's task; null: there is none. */
export async function findTaskProgress(db: Db, taskId: number): Promise<TaskProgress | null> {
  const row = await selectProgress(db).where('task.task_id', '=', taskId).executeTakeFirst();
  return row === undefined ? null : progressOf(row);
}

/** Calls that were begun and have not ended, over all tasks. */
export async function countOpenCalls(db: Db): Promise<number> {
  const row = await db
    .selectFrom('call')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', '<>', 'ended')
    .executeTakeFirstOrThrow();
  return row.count;
}

function selectProgress(db: Db) {
  return db
    .selectFrom('task')
    .leftJoin('recall_flow', 'recall_flow.task_id', 'task.task_id')
    .select([
      'task.task_id',
      'task.account_id',
      'task_name',
      'task.status',
      'task.is_hidden',
      'task.status_reason',
      'waiting_reason',
      'number_count',
      'next_seq',
      'ended_count',
      'success_count',
      'fail_count',
      'key_feedback_count',
      'source_task_id',
      'flow_id',
      'send_time',
      'task.created_at',
      'finished_at',
    ]);
}

type ProgressRow = Awaited<ReturnType<ReturnType<typeof selectProgress>['executeTakeFirstOrThrow']>>;

function progressOf(row: ProgressRow): TaskProgress {
  const calledCount = row.next_seq - 1;
  return {
    taskId: row.task_id,
    accountId: row.account_id,
    taskName: row.task_name,
    status: row.status,
    statusName: taskStateWords[row.status].en,
    isHidden: row.is_hidden,
    statusReason: row.status_reason,
    waitingReason: row.waiting_reason,
    numberCount: row.number_count,
    calledCount,
    callsInProgress: calledCount - row.ended_count,
    endedCount: row.ended_count,
    successCount: row.success_count,
    failCount: row.fail_count,
    keyFeedbackCount: row.key_feedback_count,
    sourceTaskId: row.source_task_id,
    recallFlowId: row.flow_id,
    sendTime: row.send_time?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
