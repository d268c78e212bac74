import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { recallStatus } from '../recall/status.ts';
import { taskStatus } from '../task/status.ts';
import type { Scheduling } from './scheduling.ts';

/**
 * Enqueues again what should have happened more than `graceMs` ago and did not: its job was given up after too many failures, or lost with a
 * queue that was restored from a backup. The tables say what is due; jobs only say when to look. Every job is idempotent, so one too many
 * does nothing. To be run every few minutes; returns how many were enqueued.
 */
export async function enqueueOverdue(db: Db, graceMs: number, scheduling: Scheduling): Promise<number> {
  const before = new Date(scheduling.clock.now() - graceMs);
  const now = { startAfter: null };
  const prepare = await sql<{ taskId: number }>`
    select task_id as "taskId" from task where status = ${taskStatus.submitting} and updated_at < ${before}`.execute(
    db,
  );
  for (const { taskId } of prepare.rows) await scheduling.jobs.enqueue(db, 'task.prepare', { taskId }, now);
  const start = await sql<{ taskId: number }>`
    select task_id as "taskId" from task where status = ${taskStatus.waiting} and send_time < ${before}`.execute(db);
  for (const { taskId } of start.rows) await scheduling.jobs.enqueue(db, 'task.start', { taskId }, now);
  const rounds = await sql<{ nodeId: number }>`
    select n.node_id as "nodeId" from recall_node n join recall_flow f using (flow_id)
     where n.status = ${recallStatus.pending} and n.due_at < ${before}
       and f.status in (${recallStatus.pending}, ${recallStatus.inProgress})`.execute(db);
  for (const { nodeId } of rounds.rows) await scheduling.jobs.enqueue(db, 'recall.node', { nodeId }, now);
  return prepare.rows.length + start.rows.length + rounds.rows.length;
}
