import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { isDue, runTaskActions } from './effects.ts';
import { stepTask } from './machine.ts';
import type { TaskStatus } from './status.ts';

/** Job `task.start`: waiting -> calling when the send time has come. Idempotent; any other state is left alone. Returns whether it started. */
export async function startTask(db: Db, taskId: number, scheduling: Scheduling): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ status: TaskStatus; sendTime: Date | null }>`
      select status, send_time as "sendTime" from task where task_id = ${taskId} for no key update`.execute(tx);
    const task = rows[0];
    const step = task && stepTask(task.status, { type: 'send-time-came' });
    if (!task || !step) return false;
    if (!isDue(task.sendTime, scheduling)) {
      // Too early: the send time was changed, or this machine's clock is behind the queue's.
      await runTaskActions(tx, { taskId, actions: ['enqueue-start'], sendTime: task.sendTime }, scheduling);
      return false;
    }
    await sql`update task set status = ${step.status}, updated_at = now() where task_id = ${taskId}`.execute(tx);
    await runTaskActions(tx, { taskId, actions: step.actions, sendTime: task.sendTime }, scheduling);
    return true;
  });
}
