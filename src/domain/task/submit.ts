import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Scheduling } from '../job/scheduling.ts';
import type { TaskSubmission } from './submission.ts';

/**
 * Creates a task with its callees and its recall flow in one transaction; returns the task id. `db` may be a transaction: the upload of
 * source 2 is then stored in the same one, and everything is there or nothing. Throws `unknownApp`, `taskNameTaken`, `unknownVoiceFile`,
 * `noNumber`.
 */
export async function submitTask(
  db: Db,
  accountId: number,
  submission: TaskSubmission,
  scheduling: Scheduling,
): Promise<number> {
  throw new BugError(`not written yet ${db} ${accountId} ${submission} ${scheduling}`);
}
