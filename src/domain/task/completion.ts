import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Scheduling } from '../job/scheduling.ts';

/**
 * Finishes the task if every callee's call has ended, and sets the next recall round. Called in the transaction that changed the task's
 * counters. Idempotent; returns whether this call finished it.
 */
export async function finishTaskIfDone(tx: Db, taskId: number, scheduling: Scheduling): Promise<boolean> {
  throw new BugError(`not written yet ${tx} ${taskId} ${scheduling}`);
}
