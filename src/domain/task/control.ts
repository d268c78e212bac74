import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Scheduling } from '../job/scheduling.ts';

/** Waiting, calling or suspended -> cancelled. All or nothing; throws `unknownTask`, `wrongTaskState`. Calls in progress run to their end. */
export async function cancelTasks(
  db: Db,
  accountId: number,
  taskIds: readonly number[],
  scheduling: Scheduling,
): Promise<void> {
  throw new BugError(`not written yet ${db} ${accountId} ${taskIds} ${scheduling}`);
}
/** Waiting or calling -> suspended. As {@link cancelTasks}. */
export async function suspendTasks(
  db: Db,
  accountId: number,
  taskIds: readonly number[],
  scheduling: Scheduling,
): Promise<void> {
  throw new BugError(`not written yet ${db} ${accountId} ${taskIds} ${scheduling}`);
}
/** Suspended -> calling, or waiting when the send time is yet to come. As {@link cancelTasks}. */
export async function resumeTasks(
  db: Db,
  accountId: number,
  taskIds: readonly number[],
  scheduling: Scheduling,
): Promise<void> {
  throw new BugError(`not written yet ${db} ${accountId} ${taskIds} ${scheduling}`);
}
