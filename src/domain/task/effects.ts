import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { assertNever } from '../../lib/errors.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { followTasks } from '../recall/follow.ts';
import type { TaskAction } from './machine.ts';

/** Dialers listen on it; the payload is the task's id. */
export const taskChannel = 'carillon_task';

export type TaskEffects = {
  readonly taskId: number;
  readonly actions: readonly TaskAction[];
  readonly sendTime: Date | null;
  /** Why the task failed, for `fail-recall`. */
  readonly reason?: string;
};

/** Runs what follows from a step of the task machine, in the transaction that made the step. */
export async function runTaskActions(tx: Db, effects: TaskEffects, scheduling: Scheduling): Promise<void> {
  const { taskId } = effects;
  for (const action of effects.actions) {
    switch (action) {
      case 'announce':
        // Delivered when the transaction commits, and only then.
        await sql`select pg_notify(${taskChannel}, ${String(taskId)})`.execute(tx);
        break;
      case 'enqueue-prepare':
        await scheduling.jobs.enqueue(tx, 'task.prepare', { taskId }, { startAfter: null });
        break;
      case 'enqueue-start':
        await scheduling.jobs.enqueue(tx, 'task.start', { taskId }, { startAfter: effects.sendTime });
        break;
      case 'advance-recall':
        await followTasks(tx, { taskIds: [taskId], end: 'finished', reason: null }, scheduling);
        break;
      case 'cancel-recall':
        await followTasks(tx, { taskIds: [taskId], end: 'cancelled', reason: null }, scheduling);
        break;
      case 'fail-recall':
        await followTasks(tx, { taskIds: [taskId], end: 'failed', reason: effects.reason ?? null }, scheduling);
        break;
      default:
        assertNever(action);
    }
  }
}

/** Whether a task with this send time is to be called now. */
export function isDue(sendTime: Date | null, scheduling: Scheduling): boolean {
  return sendTime === null || sendTime.getTime() <= scheduling.clock.now();
}
