import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { requireSmsApps } from '../sms/require-app.ts';
import { requireVariables } from './callee-store.ts';
import { promptOf } from './create.ts';
import { isDue, runTaskActions } from './effects.ts';
import { stepTask, type TaskStep } from './machine.ts';
import type { CallSettings } from './settings.ts';
import type { TaskStatus } from './status.ts';
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

/**
 * Changes a waiting task. A new text is prepared first (submitting); a send time that has passed starts it. Throws `unknownTask`,
 * `taskNotWaiting`, `taskNameTaken`, `unknownVoiceFile`, `missingVariables`, `unknownApp`, `appHasNoChannel`.
 */
export async function updateTask(db: Db, accountId: number, change: TaskChange, scheduling: Scheduling): Promise<void> {
  const { taskId, settings } = change;
  await inTransaction(db, async (tx) => {
    const { rows } = await sql<{ status: TaskStatus; sendTime: Date | null; createdDay: string }>`
      select status, send_time as "sendTime", created_day as "createdDay" from task
       where task_id = ${taskId} and account_id = ${accountId} and not is_hidden for update`.execute(tx);
    const task = rows[0];
    if (!task) throw errors.unknownTask([taskId]);
    await requireSmsApps(tx, accountId, { taskAppId: null, settings: [settings] });
    const promptId = await promptOf(tx, accountId, settings.content);
    const sendTime = change.sendTime ?? task.sendTime;
    const step = stepTask(task.status, {
      type: 'change',
      needsPreparation: promptId === null,
      isDue: isDue(sendTime, scheduling),
    });
    if (!step) throw errors.taskNotWaiting(taskId, task.status);
    await requireVariables(tx, { taskId, createdDay: task.createdDay }, [settings]);
    await writeChange(tx, change, { step, promptId });
    await runTaskActions(tx, { taskId, actions: step.actions, sendTime }, scheduling);
  });
}

async function writeChange(
  tx: Db,
  change: TaskChange,
  next: { readonly step: TaskStep; readonly promptId: number | null },
): Promise<void> {
  const { plan } = change;
  try {
    await tx
      .updateTable('task')
      .set({
        task_name: change.taskName,
        status: next.step.status,
        settings: JSON.stringify(change.settings),
        prompt_id: next.promptId,
        speech_note: null,
        display_num: change.displayNum ?? undefined,
        send_time: change.sendTime ?? undefined,
        windows: change.windows ? JSON.stringify(change.windows) : undefined,
        delay_play_s: plan.delayPlayS,
        delay_hangup_s: plan.delayHangupS,
        max_ringing_s: plan.maxRingingS,
        loop_count: plan.loopCount,
        max_call_s: plan.maxCallS,
        is_recorded: plan.isRecorded,
        detects_machine: plan.detectsMachine,
        machine_action: plan.machineAction,
        updated_at: sql`now()`,
      })
      .where('task_id', '=', change.taskId)
      .execute();
  } catch (error) {
    if (isDatabaseError(error, sqlState.uniqueViolation)) throw errors.taskNameTaken(change.taskName);
    throw error;
  }
}
