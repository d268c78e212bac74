import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Synthesizer } from '../../speech/synthesizer.ts';
import type { Scheduling } from '../job/scheduling.ts';

export type PrepareDeps = {
  readonly scheduling: Scheduling;
  readonly synthesizer: Synthesizer;
  /** Aborted: the promise rejects and the task stays as it is, for the job's next try. */
  readonly signal: AbortSignal;
  /** True on the job's last try: a synthesizer's failure then fails the task instead of being thrown. */
  readonly isLastAttempt: boolean;
};

/** `ignored`: the task was not being submitted (any more). */
export type PrepareResult = 'ready' | 'failed' | 'ignored';

/**
 * Job `task.prepare`: makes a text task ready to be called, submitting -> waiting or calling, or -> submission failed with the reason.
 * A retryable failure is thrown as it came until the last attempt.
 */
export async function prepareTask(db: Db, taskId: number, deps: PrepareDeps): Promise<PrepareResult> {
  throw new BugError(`not written yet ${db} ${taskId} ${deps}`);
}
