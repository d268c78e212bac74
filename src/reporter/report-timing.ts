/** How long things may take, ms. */
export type ReportTiming = {
  /** A POST, from the look-up of the name to the status of the answer. */
  readonly deadlineMs: number;
  /** A claimed report is its process's: long enough for some to wait their turn, and short enough for those of a process that was killed. */
  readonly leaseMs: number;
  /** Writing down what came of a POST, before somebody else has the report. */
  readonly marginMs: number;
};

/** The deadline is the contract's (15.11). */
export const defaultReportTiming: ReportTiming = { deadlineMs: 10_000, leaseMs: 25_000, marginMs: 2000 };
