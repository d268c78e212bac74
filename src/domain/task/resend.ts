import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Scheduling } from '../job/scheduling.ts';
import type { TaskSubmission } from './submission.ts';

/** A checked request to call a finished or cancelled task's callees again (contract 4.5). */
export type TaskResend = Pick<
  TaskSubmission,
  'taskName' | 'displayNum' | 'settings' | 'plan' | 'sendTime' | 'windows' | 'recallFlow'
> & {
  readonly sourceTaskId: number;
  /** null: the source task's. */
  readonly appId: string | null;
  /** 0 all, 1 those that were not connected (also those never called). */
  readonly resendType: 0 | 1;
};

/**
 * Makes a new task of the source task's callees; returns its id. Throws `unknownTask`, `wrongTaskState`, `unknownApp`, `taskNameTaken`,
 * `unknownVoiceFile`, `badNumbers` (a callee lacks a variable), `nobodyLeft`.
 */
export async function resendTask(
  db: Db,
  accountId: number,
  resend: TaskResend,
  scheduling: Scheduling,
): Promise<number> {
  throw new BugError(`not written yet ${db} ${accountId} ${resend} ${scheduling}`);
}
