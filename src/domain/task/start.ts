import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Scheduling } from '../job/scheduling.ts';

/** Job `task.start`: waiting -> calling when the send time has come. Idempotent; any other state is left alone. Returns whether it started. */
export async function startTask(db: Db, taskId: number, scheduling: Scheduling): Promise<boolean> {
  throw new BugError(`not written yet ${db} ${taskId} ${scheduling}`);
}
