import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { runTaskActions } from './effects.ts';
import { statesBefore, stepTask } from './machine.ts';
import { taskStatus } from './status.ts';

/**
 * Finishes the task if every callee's call has ended, and sets the next recall round. Called in the transaction that changed the task's
 * counters. Idempotent; returns whether this call finished it.
 */
export async function finishTaskIfDone(tx: Db, taskId: number, scheduling: Scheduling): Promise<boolean> {
  const input = { type: 'all-calls-ended' } as const;
  const finished = await sql`
    update task
       set status = ${taskStatus.finished}, waiting_reason = null, updated_at = now(),
           finished_at = ${new Date(scheduling.clock.now())}
     where task_id = ${taskId} and status = any(${statesBefore(input)}::smallint[]) and ended_count >= number_count`.execute(
    tx,
  );
  if (finished.numAffectedRows === 0n) return false;
  const actions = stepTask(taskStatus.calling, input)?.actions ?? [];
  await runTaskActions(tx, { taskId, actions, sendTime: null }, scheduling);
  return true;
}
