/** How long things are kept, in days. */
export type Retention = {
  /** Calls and all that belongs to them: callees, traces, reports. */
  readonly recordDays: number;
  /** Tasks with their counters and recall flows; no shorter than records. */
  readonly taskDays: number;
};

const dayMs = 86_400_000;

/** The earliest time that records may be asked for at `now`: they go by whole days, and none before they are so many days old. */
export function earliestRecord(recordDays: number, now: number): Date {
  return new Date((Math.floor(now / dayMs) - recordDays) * dayMs);
}
