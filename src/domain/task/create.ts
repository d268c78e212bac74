import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import type { Scheduling } from '../job/scheduling.ts';
import type { DirectPart } from './direct-part.ts';
import { isDue, runTaskActions } from './effects.ts';
import { firstStep } from './machine.ts';
import type { CallSettings, Content } from './settings.ts';
import type { CallPlan, SendWindow } from './submission.ts';

/** A task's place in the partitions. */
export type TaskPlace = {
  readonly taskId: number;
  /** `YYYY-MM-DD`, UTC. */
  readonly createdDay: string;
};

export type NewTask = TaskPlace & {
  readonly accountId: number;
  readonly appId: string;
  readonly taskName: string;
  readonly displayNum: string | null;
  readonly settings: CallSettings;
  readonly plan: CallPlan;
  readonly windows: readonly SendWindow[];
  readonly sendTime: Date | null;
  readonly sourceTaskId: number | null;
  /** The round of a recall flow that it is; 0: none. */
  readonly recallRound: number;
  /** null: it is a client's task, not the hidden one of a direct call. */
  readonly direct: DirectPart | null;
  readonly numberCount: number;
  readonly duplicateCount: number;
  readonly invalidCount: number;
};

/**
 * Takes a task id and today's partition, so that callees can be stored before it is known whether there is anybody to call. An id that comes
 * to nothing is lost, which ids may be.
 */
export async function reserveTask(tx: Db, scheduling: Scheduling): Promise<TaskPlace> {
  const createdDay = new Date(scheduling.clock.now()).toISOString().slice(0, 10);
  const { rows } = await sql<{ taskId: number }>`
    select nextval(pg_get_serial_sequence('task', 'task_id')) as "taskId",
           ensure_call_partitions(${createdDay}::date, ${createdDay}::date)`.execute(tx);
  const row = rows[0];
  if (!row) throw new Error('nextval gave no row');
  return { taskId: row.taskId, createdDay };
}

/**
 * Inserts the task in its first state and runs what follows from it. Returns false when the name is taken; then nothing was
 * inserted. Waits for a transaction that is about to take the same name; hidden tasks take none. Throws `unknownVoiceFile`.
 */
export async function createTask(tx: Db, task: NewTask, scheduling: Scheduling): Promise<boolean> {
  const { direct } = task;
  const promptId = direct ? direct.promptId : await promptOf(tx, task.accountId, task.settings.content);
  const needsPreparation = promptId === null && direct === null;
  const step = firstStep({ needsPreparation, isDue: isDue(task.sendTime, scheduling) });
  const inserted = await sql`
    insert into task (task_id, account_id, app_id, task_name, status, display_num, settings, prompt_id,
                      delay_play_s, delay_hangup_s, max_ringing_s, loop_count, max_call_s, is_recorded,
                      detects_machine, machine_action, send_time, windows,
                      source_task_id, created_day, number_count, duplicate_count, invalid_count, created_at, recall_round,
                      is_hidden, call_type, called_info, template_id, rounds_left, voice_id,
                      earlier_rate_id, earlier_charged_s, earlier_cost, earlier_base_cost)
    overriding system value
    values (${task.taskId}, ${task.accountId}, ${task.appId}, ${task.taskName}, ${step.status}, ${task.displayNum},
            ${JSON.stringify(task.settings)}, ${promptId}, ${task.plan.delayPlayS}, ${task.plan.delayHangupS},
            ${task.plan.maxRingingS}, ${task.plan.loopCount}, ${task.plan.maxCallS}, ${task.plan.isRecorded},
            ${task.plan.detectsMachine}, ${task.plan.machineAction}, ${task.sendTime},
            ${JSON.stringify(task.windows)}, ${task.sourceTaskId}, ${task.createdDay}, ${task.numberCount},
            ${task.duplicateCount}, ${task.invalidCount}, ${new Date(scheduling.clock.now())}, ${task.recallRound},
            ${direct !== null}, ${direct?.callType ?? 1}, ${direct?.calledInfo ?? null}, ${direct?.templateId ?? null},
            ${direct?.roundsLeft ?? 0}, ${direct?.voiceId ?? null}, ${direct?.earlier?.rateId ?? null},
            ${direct?.earlier?.chargedS ?? null}, ${direct?.earlier?.cost ?? null}::numeric, ${direct?.earlier?.baseCost ?? null}::numeric)
    on conflict (account_id, task_name) where not is_hidden do nothing`.execute(tx);
  if (inserted.numAffectedRows === 0n) return false;
  await runTaskActions(tx, { ...task, actions: step.actions }, scheduling);
  return true;
}

/** The prompt of uploaded content; null for a text, which is to be prepared first. Throws `unknownVoiceFile`. */
export async function promptOf(tx: Db, accountId: number, content: Content): Promise<number | null> {
  if (content.source === 3) return null;
  const fileId = content.voiceFileId ?? '';
  const file = await tx
    .selectFrom('voice_file')
    .select('prompt_id')
    .where('account_id', '=', accountId)
    .where('file_id', '=', fileId)
    .executeTakeFirst();
  if (!file) throw errors.unknownVoiceFile([fileId]);
  return file.prompt_id;
}
