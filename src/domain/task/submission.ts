import type { CallSettings } from './settings.ts';

/** One callee as submitted: digits only, 6 to 18 of them. */
export type SubmittedCallee = {
  readonly number: string;
  /** text1..text10 by index 0..9, trimmed to 30 characters each; null: none given. */
  readonly variables: readonly (string | null)[] | null;
};

/** A span of the day in the account's time zone, "HH:MM" each; `end` before `start` crosses midnight. */
export type SendWindow = { readonly start: string; readonly end: string };

/** The plan to call again, as submitted (contract 5.1). */
export type SubmittedRecallFlow = {
  readonly recallType: 0 | 1;
  /** Minutes, 1 to 1440. */
  readonly recallInterval: number;
  /** Rounds, 1 to 10. */
  readonly recallNum: number;
  /** Settings of the first rounds; at most `recallNum`. */
  readonly nodes: readonly CallSettings[];
};

/** How each call of a task is made and played; seconds unless the name says otherwise. */
export type CallPlan = {
  readonly delayPlayS: number;
  readonly delayHangupS: number;
  readonly maxRingingS: number;
  readonly loopCount: number;
  readonly maxCallS: number;
  /** Whether answered calls are recorded. */
  readonly isRecorded: boolean;
  readonly detectsMachine: boolean;
  /** What is done with a machine: 1 hang up, 2 leave the message after its beep. */
  readonly machineAction: 1 | 2;
};

/** A checked request to create a task (contract 4.1). */
export type TaskSubmission = {
  readonly appId: string;
  readonly taskName: string;
  readonly displayNum: string | null;
  readonly settings: CallSettings;
  readonly plan: CallPlan;
  /** null: at once. */
  readonly sendTime: Date | null;
  readonly windows: readonly SendWindow[];
  readonly callees: readonly SubmittedCallee[];
  readonly duplicateCount: number;
  readonly invalidCount: number;
  readonly recallFlow: SubmittedRecallFlow | null;
};
