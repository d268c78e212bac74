/** What came of a leg's recording. A value, never an exception: a call goes on whatever becomes of its recording. */
export type LegRecording =
  | {
      readonly isKept: true;
      readonly bytes: number;
      readonly durationMs: number;
      /** What is wrong with it, e.g. that its end is missing; null: nothing. */
      readonly problem: string | null;
    }
  | { readonly isKept: false; readonly problem: string };
