import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { followTasks } from '../recall/follow.ts';
import { statesBefore } from './machine.ts';
import { taskStatus } from './status.ts';

/**
 * Finishes those of the tasks whose every callee's call has ended, and sets their next recall rounds (`advance-recall`); two statements for all, because direct calls are as many
 * tasks as calls, and more only for those with a flow. Called in the transaction that changed the tasks' counters. Idempotent; returns the tasks that this call finished.
 */
export async function finishTasksIfDone(tx: Db, taskIds: readonly number[], scheduling: Scheduling): Promise<number[]> {
  if (taskIds.length === 0) return [];
  const before = statesBefore({ type: 'all-calls-ended' });
  const { rows } = await sql<{ taskId: number }>`
    update task
       set status = ${taskStatus.finished}, waiting_reason = null, updated_at = now(),
           finished_at = ${new Date(scheduling.clock.now())}
     where task_id = any(${[...taskIds]}::bigint[]) and status = any(${before}::smallint[]) and ended_count >= number_count
    returning task_id as "taskId"`.execute(tx);
  const finished = rows.map(({ taskId }) => taskId);
  await followTasks(tx, { taskIds: finished, end: 'finished', reason: null }, scheduling);
  return finished;
}
