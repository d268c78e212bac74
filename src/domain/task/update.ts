import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Scheduling } from '../job/scheduling.ts';
import type { CallSettings } from './settings.ts';
import type { CallPlan, SendWindow } from './submission.ts';

/** A checked request to change a waiting task (contract 4.4); null, and what is left out of the plan, stays as it is. */
export type TaskChange = {
  readonly taskId: number;
  readonly taskName: string;
  readonly settings: CallSettings;
  readonly displayNum: string | null;
  readonly plan: Partial<CallPlan>;
  readonly sendTime: Date | null;
  readonly windows: readonly SendWindow[] | null;
};

/** Changes a waiting task. Throws `unknownTask`, `taskNotWaiting`, `taskNameTaken`, `unknownVoiceFile`, `badNumbers` (a callee lacks a variable). */
export async function updateTask(db: Db, accountId: number, change: TaskChange, scheduling: Scheduling): Promise<void> {
  throw new BugError(`not written yet ${db} ${accountId} ${change} ${scheduling}`);
}
