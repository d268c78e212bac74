import type { Db } from '../../db/tables.ts';
import type { Clock } from '../../lib/clock.ts';

/** What each kind of job carries. The names are the queue's names. */
export type JobData = {
  /** A waiting task's send time has come. */
  readonly 'task.start': { readonly taskId: number };
  /** A task's text is to be synthesized, or its voice checked. */
  readonly 'task.prepare': { readonly taskId: number };
  /** A recall round's time has come. */
  readonly 'recall.node': { readonly nodeId: number };
  /** Recordings that are older than their accounts keep them are to be deleted. */
  readonly 'recording.expire': object;
  /** Days and tasks that are older than they are kept are to be dropped. */
  readonly 'retention.run': object;
};

export type JobName = keyof JobData;

/** The queue of what waits for a time or must be retried, as the domain sees it. */
export interface JobQueue {
  /** Adds a job in the transaction of `db`: it exists if and only if that commits. `startAfter` null: at once. */
  enqueue<N extends JobName>(
    db: Db,
    name: N,
    data: JobData[N],
    options: { readonly startAfter: Date | null },
  ): Promise<void>;
}

/** What rules that set something for later depend on. */
export type Scheduling = {
  readonly clock: Clock;
  readonly jobs: JobQueue;
  /** How long a recall minute lasts, in ms: 60,000, and less in tests and the demo. */
  readonly recallMinuteMs: number;
};
