import type { TraceEvent } from '../../call/trace.ts';

/** A call's trace as it is kept. */
export type CallTraceRecord = {
  /** `YYYY-MM-DD` */
  readonly createdDay: string;
  readonly taskId: number;
  readonly seq: number;
  /** The dialer process that made the call. */
  readonly processId: string;
  /** What `atUs` of the events counts from. */
  readonly startedAt: Date;
  /** In the order in which they happened. */
  readonly events: readonly TraceEvent[];
  /** Messages and notes that were over the trace's bounds. */
  readonly droppedEvents: number;
};
