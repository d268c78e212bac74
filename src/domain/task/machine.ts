import { taskStatus as s, type TaskStatus } from './status.ts';

/**
 * The states of a task.
 *
 *          submission with text                     submission with a file
 *                  |                              send time to come |  | due
 *                  v          send time to come                     v  |
 *     +------ submitting 6 ----------------------------> waiting 0 <+  |
 *     |            ^  |                                   |  |  ^      |
 *     |            |  | due        change with new text   |  |  |      |
 *     |            +--|-----------------------------------+  |  |      |
 *     | failed        v            send time came            |  |      |
 *     |           calling 1 <--------------------------------+  |<-----+ (to calling)
 *     |            |  |  ^                                   |  |
 *     |  all ended |  |  | resume, due              suspend  |  | resume, send time to come
 *     |            |  v  |                                   v  |
 *     |            |  suspended 5 <--------------------------+--+
 *     v            v       | all ended -> finished 2
 *  submission   finished   |
 *   failed 3       2       |           cancel: from waiting, calling and suspended -> cancelled 4
 *
 * submitting: the callees are stored; the job `task.prepare` synthesizes the text, or checks its voice. It alone ends this state.
 * waiting: everything is there; the job `task.start` waits for the send time. The only state in which the task may be changed.
 * calling: dialers claim callees inside the allowed windows, until the cursor is at the end; the ledger's last ended call finishes it.
 * suspended: nothing is claimed. Calls in progress run to their end, and when they were the last ones the task is finished. The client asked for it, or the claim came to a
 *   callee that the account has not the means for; then the waiting reason says so, and nothing but the client's resume leads on, also after a top-up.
 * finished, submission failed, cancelled: final. Calls in progress of a cancelled task run to their end and are counted.
 */
export type TaskInput =
  | { readonly type: 'prepared'; readonly isDue: boolean }
  | { readonly type: 'preparation-failed' }
  | { readonly type: 'send-time-came' }
  | { readonly type: 'all-calls-ended' }
  | { readonly type: 'cancel' }
  | { readonly type: 'suspend' }
  /** The account's balance does not cover the next callee, or a rate that it demands is missing. */
  | { readonly type: 'means-used-up' }
  | { readonly type: 'resume'; readonly isDue: boolean }
  | { readonly type: 'change'; readonly needsPreparation: boolean; readonly isDue: boolean };

/** What follows from a step; run by `effects.ts` in the transaction of the change. */
export type TaskAction =
  /** Dialers look at the task now instead of at their next poll. */
  | 'announce'
  | 'enqueue-prepare'
  | 'enqueue-start'
  /** The task was a flow's parent or round, and has its results. */
  | 'advance-recall'
  /** The same, and the client ended it. */
  | 'cancel-recall'
  /** The same, and it could not run. */
  | 'fail-recall';

/** Why the claim suspended a task, in its waiting reason. */
export const balanceUsedUp = 'the balance does not cover the next call: top up, then resume the task';
export const rateMissing = 'the next number has no rate, and the account demands one: add it, then resume the task';
/** Why the claim left callees of a task in status 1 for later. */
export const waitsForBalance = 'the balance that is left is held for calls in progress';

export type TaskStep = { readonly status: TaskStatus; readonly actions: readonly TaskAction[] };

/** The state that a new task begins in. */
export function firstStep(task: { readonly needsPreparation: boolean; readonly isDue: boolean }): TaskStep {
  if (task.needsPreparation) return { status: s.submitting, actions: ['enqueue-prepare'] };
  return readyStep(task.isDue);
}

/**
 * The step from `status` on `input`; null: the input does not apply in this state. For a client's request that is a refusal (-37, -54);
 * for a job it means that the same was done before, or that the client was faster, and nothing is to be done.
 */
export function stepTask(status: TaskStatus, input: TaskInput): TaskStep | null {
  const isFrom = (...from: readonly TaskStatus[]) => from.includes(status);
  switch (input.type) {
    case 'prepared':
      return isFrom(s.submitting) ? readyStep(input.isDue) : null;
    case 'preparation-failed':
      return isFrom(s.submitting) ? { status: s.submissionFailed, actions: ['fail-recall'] } : null;
    case 'send-time-came':
      return isFrom(s.waiting) ? readyStep(true) : null;
    case 'all-calls-ended':
      return isFrom(s.calling, s.suspended) ? { status: s.finished, actions: ['advance-recall'] } : null;
    case 'cancel':
      return isFrom(s.waiting, s.calling, s.suspended)
        ? { status: s.cancelled, actions: ['announce', 'cancel-recall'] }
        : null;
    case 'suspend':
      return isFrom(s.waiting, s.calling) ? { status: s.suspended, actions: ['announce'] } : null;
    case 'means-used-up':
      // Told to nobody: a dialer that wants to claim finds out by itself.
      return isFrom(s.calling) ? { status: s.suspended, actions: [] } : null;
    case 'resume':
      return isFrom(s.suspended) ? readyStep(input.isDue) : null;
    case 'change':
      return isFrom(s.waiting) ? firstStep(input) : null;
  }
}

/** The states from which the input leads on: the guard of the SQL update. */
export function statesBefore(input: TaskInput): TaskStatus[] {
  return Object.values(s).filter((status) => stepTask(status, input) !== null);
}

function readyStep(isDue: boolean): TaskStep {
  return isDue ? { status: s.calling, actions: ['announce'] } : { status: s.waiting, actions: ['enqueue-start'] };
}
