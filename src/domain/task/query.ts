import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Page, PageRequest } from '../paging/page.ts';
import type { CallSettings } from './settings.ts';
import type { TaskStatus } from './status.ts';
import type { CallPlan, SendWindow } from './submission.ts';

/** Contract 4.2. */
export type TaskFilter = {
  readonly from: Date;
  readonly to: Date;
  /** Empty: all. */
  readonly statusList: readonly TaskStatus[];
  /** The app's number, `idxAppId`. */
  readonly appSeq: number | null;
  /** Part of the task's name, the voice file's name or the text, ignoring case. */
  readonly searchCondition: string | null;
};

/** One line of the list (contract 4.2 and 15.7). */
export type TaskSummary = {
  readonly taskId: number;
  readonly taskName: string;
  readonly status: TaskStatus;
  readonly numberCount: number;
  /** Calls begun. */
  readonly calledCount: number;
  readonly endedCount: number;
  readonly successCount: number;
  readonly failCount: number;
  readonly sendTime: Date | null;
  readonly createdAt: Date;
};

/** Everything about a task (contract 4.3, 15.5); what the dialect derives from it (rates, averages) is derived in the API. */
export type TaskDetail = TaskSummary & {
  readonly appId: string;
  readonly displayNum: string | null;
  readonly settings: CallSettings;
  /** The voice file's name, for source 1 and 2; null also when it was deleted. */
  readonly voiceFileName: string | null;
  readonly plan: CallPlan;
  readonly windows: readonly SendWindow[];
  readonly statusReason: string | null;
  readonly waitingReason: string | null;
  readonly speechNote: string | null;
  readonly sourceTaskId: number | null;
  readonly duplicateCount: number;
  readonly invalidCount: number;
  readonly keyFeedbackCount: number;
  readonly callDurationS: number;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
  /** The task's recall flow; null: none. */
  readonly flowId: number | null;
};

/** Newest first. */
export async function listTasks(
  db: Db,
  accountId: number,
  filter: TaskFilter,
  page: PageRequest,
): Promise<Page<TaskSummary>> {
  throw new BugError(`not written yet ${db} ${accountId} ${filter} ${page}`);
}
/** Throws `unknownTask`. */
export async function getTaskDetail(db: Db, accountId: number, taskId: number): Promise<TaskDetail> {
  throw new BugError(`not written yet ${db} ${accountId} ${taskId}`);
}
