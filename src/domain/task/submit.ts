import type { Db } from '../../db/tables.ts';
import { requireApp } from '../app/app-store.ts';
import { requireMeans } from '../balance/require-means.ts';
import { errors } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { createFlow } from '../recall/create.ts';
import { requireSmsApps } from '../sms/require-app.ts';
import { calleeNumbers, insertCallees } from './callee-store.ts';
import { createTask, reserveTask } from './create.ts';
import type { TaskSubmission } from './submission.ts';

/**
 * Creates a task with its callees and its recall flow in one transaction; returns the task id. `db` may be a transaction: the upload of
 * source 2 is then stored in the same one, and everything is there or nothing. Throws `unknownApp`, `taskNameTaken`, `unknownVoiceFile`,
 * `noNumber`, `noRate`, `balanceUsedUp`, `appHasNoChannel`, `smsAppMissing`.
 */
export async function submitTask(
  db: Db,
  accountId: number,
  submission: TaskSubmission,
  scheduling: Scheduling,
): Promise<number> {
  const { callees, recallFlow } = submission;
  if (callees.length === 0) throw errors.noNumber();
  return inTransaction(db, async (tx) => {
    await requireApp(tx, accountId, submission.appId, 'voice');
    const { settings } = submission;
    const taskAppId = settings.hangUpSms.smsAppId;
    await requireSmsApps(tx, accountId, { taskAppId, settings: [settings, ...(recallFlow?.nodes ?? [])] });
    const place = await reserveTask(tx, scheduling);
    // Before the callees, so that a name that is taken costs nothing.
    const origin = { accountId, sourceTaskId: null, recallRound: 0, direct: null };
    const task = { ...submission, ...place, ...origin, numberCount: callees.length };
    if (!(await createTask(tx, task, scheduling))) throw errors.taskNameTaken(submission.taskName);
    if (recallFlow) await createFlow(tx, { accountId, taskId: place.taskId, isHidden: false, plan: recallFlow });
    await insertCallees(tx, place, callees);
    await requireMeans(tx, { accountId, maxCallS: submission.plan.maxCallS, mayWait: true }, calleeNumbers(place));
    return place.taskId;
  });
}
