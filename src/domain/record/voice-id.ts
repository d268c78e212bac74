import { BugError } from '../../lib/errors.ts';

/** What a call's row is found by. */
export type CallKey = {
  /** The task's partition day, `YYYY-MM-DD`. */
  readonly createdDay: string;
  readonly taskId: number;
  readonly seq: number;
};

/** The record id that clients see: day (yymmdd), task id and six digits of the callee's number in the task. */
export function formatVoiceId(key: CallKey): string {
  throw new BugError(`not written yet ${key}`);
}
/** The key behind a record id; null: it is none. */
export function parseVoiceId(voiceId: string): CallKey | null {
  throw new BugError(`not written yet ${voiceId}`);
}
