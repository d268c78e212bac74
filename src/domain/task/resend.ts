import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { requireApp } from '../app/app-store.ts';
import { requireMeans } from '../balance/require-means.ts';
import { errors } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { createFlow } from '../recall/create.ts';
import { requireSmsApps } from '../sms/require-app.ts';
import { calleeNumbers, copyCallees, requireVariables } from './callee-store.ts';
import { createTask, reserveTask } from './create.ts';
import { type TaskStatus, taskStatus } from './status.ts';
import type { TaskSubmission } from './submission.ts';

/** A checked request to call a finished or cancelled task's callees again (contract 4.5). */
export type TaskResend = Pick<
  TaskSubmission,
  'taskName' | 'displayNum' | 'settings' | 'plan' | 'sendTime' | 'windows' | 'recallFlow'
> & {
  readonly sourceTaskId: number;
  /** null: the source task's. */
  readonly appId: string | null;
  /** 0 all; 1 those that were not connected, also those never called. Calls still in progress are in neither's way: 1 leaves them out. */
  readonly resendType: 0 | 1;
};

/**
 * Makes a new task of the source task's callees; returns its id. Throws `unknownTask`, `wrongTaskState`, `unknownApp`, `taskNameTaken`,
 * `unknownVoiceFile`, `missingVariables`, `nobodyLeft`, `noRate`, `balanceUsedUp`, `appHasNoChannel`, `smsAppMissing`.
 */
export async function resendTask(
  db: Db,
  accountId: number,
  resend: TaskResend,
  scheduling: Scheduling,
): Promise<number> {
  return inTransaction(db, async (tx) => {
    const source = await findSource(tx, accountId, resend.sourceTaskId);
    const appId = resend.appId ?? source.appId;
    await requireApp(tx, accountId, appId, 'voice');
    const settings = [resend.settings, ...(resend.recallFlow?.nodes ?? [])];
    await requireSmsApps(tx, accountId, { taskAppId: resend.settings.hangUpSms.smsAppId, settings });
    const place = await reserveTask(tx, scheduling);
    const numberCount = await copyCallees(tx, source, place, resend.resendType === 0 ? 'all' : 'failed');
    if (numberCount === 0) throw errors.nobodyLeft(source.taskId);
    await requireMeans(tx, { accountId, maxCallS: resend.plan.maxCallS, mayWait: true }, calleeNumbers(place));
    await requireVariables(tx, place, settings);
    const counts = { numberCount, duplicateCount: 0, invalidCount: 0 };
    const task = { ...resend, ...place, ...counts, accountId, appId, recallRound: 0, direct: null };
    if (!(await createTask(tx, task, scheduling))) throw errors.taskNameTaken(resend.taskName);
    if (resend.recallFlow)
      await createFlow(tx, { accountId, taskId: place.taskId, isHidden: false, plan: resend.recallFlow });
    return place.taskId;
  });
}

type Source = { readonly taskId: number; readonly createdDay: string; readonly appId: string };

/** Throws `unknownTask`, `wrongTaskState`. Both states are final, so the row needs no lock. */
async function findSource(tx: Db, accountId: number, taskId: number): Promise<Source> {
  const { rows } = await sql<Source & { status: TaskStatus }>`
    select task_id as "taskId", created_day as "createdDay", app_id as "appId", status from task
     where task_id = ${taskId} and account_id = ${accountId} and not is_hidden`.execute(tx);
  const source = rows[0];
  if (!source) throw errors.unknownTask([taskId]);
  if (source.status !== taskStatus.finished && source.status !== taskStatus.cancelled) {
    throw errors.wrongTaskState('resent', [source]);
  }
  return source;
}
