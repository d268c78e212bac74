import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { InfrastructureError, messageOf } from '../../lib/errors.ts';
import { type SpeechProvider, type Synthesizer, type Synthesizers, synthesizerOf } from '../../speech/synthesizer.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { ensureSpeechPrompt } from '../prompt/speech-prompt.ts';
import { calleesAhead } from './claim.ts';
import { isDue, runTaskActions } from './effects.ts';
import { stepTask, type TaskStep } from './machine.ts';
import { type CallSettings, fillSpeech, variablesIn } from './settings.ts';
import { taskStatus } from './status.ts';

export type PrepareDeps = {
  readonly scheduling: Scheduling;
  readonly synthesizers: Synthesizers;
  /** Aborted: the promise rejects and the task stays as it is, for the job's next try. */
  readonly signal: AbortSignal;
  /** True on the job's last try: a synthesizer's failure then fails the task instead of being thrown. */
  readonly isLastAttempt: boolean;
};

/** `ignored`: the task was not being submitted (any more). */
export type PrepareResult = 'ready' | 'failed' | 'ignored';

/** What came of a text: the prompt (null when it differs by callee), or why there is none. */
type Preparation =
  | { readonly type: 'ready'; readonly promptId: number | null; readonly note: string | null }
  | { readonly type: 'failed'; readonly reason: string };

/**
 * Job `task.prepare`: makes a text task ready to be called, submitting -> waiting or calling, or -> submission failed with the reason.
 * A text without variables is synthesized now; with variables the dialer does it for each callee, and here only the first one's is, which
 * shows whether the synthesizer works at all.
 * A retryable failure is thrown as it came until the last attempt.
 */
export async function prepareTask(db: Db, taskId: number, deps: PrepareDeps): Promise<PrepareResult> {
  const { rows } = await sql<SubmittingTask>`
    select t.task_id as "taskId", t.created_day as "createdDay", t.settings, t.send_time as "sendTime", a.speech_provider as "speechProvider"
      from task t join account a using (account_id)
     where t.task_id = ${taskId} and t.status = ${taskStatus.submitting}`.execute(db);
  const task = rows[0];
  if (!task) return 'ignored';
  const preparation = await prepareContent(db, task, deps);
  return inTransaction(db, (tx) => finishPreparation(tx, task, preparation, deps.scheduling));
}

type SubmittingTask = {
  readonly taskId: number;
  readonly createdDay: string;
  readonly settings: CallSettings;
  readonly sendTime: Date | null;
  readonly speechProvider: SpeechProvider;
};

async function prepareContent(db: Db, task: SubmittingTask, deps: PrepareDeps): Promise<Preparation> {
  try {
    const synthesizer = synthesizerOf(deps.synthesizers, task.speechProvider);
    return await prepareText(db, task, synthesizer, deps.signal);
  } catch (error) {
    // An abort, and a fault of the database, are not the text's.
    if (deps.signal.aborted || !(error instanceof InfrastructureError)) throw error;
    if (error.retryable && !deps.isLastAttempt) throw error;
    return { type: 'failed', reason: `the text could not be synthesized: ${messageOf(error)}` };
  }
}

async function prepareText(
  db: Db,
  task: SubmittingTask,
  synthesizer: Synthesizer,
  signal: AbortSignal,
): Promise<Preparation> {
  const { lan, ssmlGender, accent, text, speakingRate } = task.settings.content;
  const choice = synthesizer.voiceFor({ lan: lan ?? '', ssmlGender, accent });
  if (!choice) return { type: 'failed', reason: `the synthesizer does not speak language "${lan}"` };
  const isShared = variablesIn(text ?? '').length === 0;
  const [first] = isShared ? [] : await calleesAhead(db, task, 1, 1);
  const spoken = fillSpeech(text ?? '', first?.variables ?? null);
  const request = { voice: choice.voice, text: spoken, speakingRate: speakingRate ?? 1 };
  try {
    const promptId = await ensureSpeechPrompt(db, synthesizer, request, signal);
    return { type: 'ready', promptId: isShared ? promptId : null, note: choice.note };
  } catch (error) {
    // What cannot be spoken to one callee may be speakable to all others; that call will say so.
    const isOnlyThisCallee = !isShared && error instanceof InfrastructureError && !error.retryable;
    if (!isOnlyThisCallee) throw error;
    return { type: 'ready', promptId: null, note: choice.note };
  }
}

async function finishPreparation(
  tx: Db,
  task: SubmittingTask,
  preparation: Preparation,
  scheduling: Scheduling,
): Promise<PrepareResult> {
  const step: TaskStep | null =
    preparation.type === 'ready'
      ? stepTask(taskStatus.submitting, { type: 'prepared', isDue: isDue(task.sendTime, scheduling) })
      : stepTask(taskStatus.submitting, { type: 'preparation-failed' });
  if (!step) return 'ignored';
  const reason = preparation.type === 'failed' ? preparation.reason : null;
  const promptId = preparation.type === 'ready' ? preparation.promptId : null;
  const note = preparation.type === 'ready' ? preparation.note : null;
  // The settings are part of the guard: a job that is late must not give a task that was changed meanwhile the old text's audio.
  const updated = await sql`
    update task set status = ${step.status}, status_reason = ${reason}, prompt_id = ${promptId}, speech_note = ${note},
           updated_at = now()
     where task_id = ${task.taskId} and status = ${taskStatus.submitting}
       and settings = ${JSON.stringify(task.settings)}::jsonb`.execute(tx);
  if (updated.numAffectedRows === 0n) return 'ignored';
  const effects = { ...task, actions: step.actions, ...(reason === null ? {} : { reason }) };
  await runTaskActions(tx, effects, scheduling);
  return preparation.type;
}
