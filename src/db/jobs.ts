import { randomUUID } from 'node:crypto';
import { fromKysely, PgBoss } from 'pg-boss';
import { assert } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Db } from './tables.ts';

/** What the queues carry: queue name to JSON data. A type, not an interface (only a type has an index signature). */
export type JobDataByName = Record<string, object>;

/** A job that throws is tried again: after `retryDelayS`, then twice that, up to `retryDelayMaxS`, with jitter. */
export type QueueSettings = {
  /** Tries after the first. */
  readonly retryLimit: number;
  readonly retryDelayS: number;
  readonly retryDelayMaxS: number;
  /** How long a handler may take; its signal is aborted then and the job counts as failed. */
  readonly expireInS: number;
  /** Jobs of this queue that a process works on at once. */
  readonly concurrency: number;
};

export type JobContext = {
  /** Aborts when the job's time is over. */
  readonly signal: AbortSignal;
  /** No further try follows when this one throws. */
  readonly isLastAttempt: boolean;
};

/**
 * Does a job. It may be called again for a job that was done already (the process died before that could be written), so it must be
 * idempotent. Throwing means: try again later.
 */
export type JobHandler<Data> = (data: Data, context: JobContext) => Promise<void>;

export type EnqueueOptions = {
  /** null: at once. */
  readonly startAfter: Date | null;
  /** While a job of the same queue and key waits for its first try, further ones are dropped, whatever their time. */
  readonly singletonKey?: string;
};

/** Work that waits for a time or must be retried, kept by pg-boss in the schema `pgboss`. */
export interface Jobs<Types extends JobDataByName> {
  /** Says who does a queue's jobs in this process; a process without a handler for a queue leaves its jobs to others. Before `start`. */
  define<Name extends keyof Types & string>(name: Name, handler: JobHandler<Types[Name]>): void;
  /** Adds a job in the transaction of `executor`: it exists if and only if that commits. After `start`. */
  enqueue<Name extends keyof Types & string>(
    executor: Db,
    name: Name,
    data: Types[Name],
    options: EnqueueOptions,
  ): Promise<void>;
  /** Makes the schema and the queues and begins to work. Rejects when PostgreSQL cannot be reached; once started, an absence is lived through. */
  start(): Promise<void>;
  /** Takes no more jobs and waits for those under way, up to 20 s; what is left then is tried again by another process. Idempotent. */
  close(): Promise<void>;
}

export type JobsOptions<Types extends JobDataByName> = {
  readonly url: string;
  readonly logger: Logger;
  /** All queues there are, also those that this process only adds to. */
  readonly queues: { readonly [Name in keyof Types]: QueueSettings };
  /** How often jobs whose time has come are looked for; others are announced by NOTIFY. Default 1, least 0.5. */
  readonly pollingIntervalS?: number;
};

/** How long after a process's death its unfinished jobs are given to another. pg-boss allows no less than 10 s. */
const heartbeatS = 15;

export function openJobs<Types extends JobDataByName>(options: JobsOptions<Types>): Jobs<Types> {
  const { logger, queues } = options;
  const pollingIntervalS = options.pollingIntervalS ?? 1;
  const boss = createBoss(options.url, logger);
  const workers: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | null = null;

  return {
    define(name, handler) {
      const settings = queues[name];
      const polling = { pollingIntervalSeconds: pollingIntervalS, notifyPollingIntervalSeconds: pollingIntervalS };
      const work = { ...polling, batchSize: 1, localConcurrency: settings.concurrency };
      workers.push(() =>
        boss.work<Parameters<typeof handler>[0]>(name, work, async ([job]) => {
          assert(job, 'pg-boss handed over an empty batch');
          const isLastAttempt = job.retryCount >= settings.retryLimit;
          try {
            await handler(job.data, { signal: job.signal, isLastAttempt });
          } catch (error) {
            logger.warn(
              { err: error, queue: name, jobId: job.id, try: job.retryCount + 1, isLastAttempt },
              'job failed',
            );
            throw error;
          }
        }),
      );
    },

    async enqueue(executor, name, data, { startAfter, singletonKey }) {
      // The policy `short` keeps one waiting job a key, and takes a missing key for one: so each gets one.
      await boss.send(name, data, {
        db: fromKysely(executor),
        singletonKey: singletonKey ?? randomUUID(),
        ...(startAfter === null ? {} : { startAfter }),
      });
    },

    async start() {
      await boss.start();
      for (const [name, settings] of Object.entries<QueueSettings>(queues)) await ensureQueue(boss, name, settings);
      for (const work of workers) await work();
    },

    close() {
      closing ??= boss.stop({ graceful: true, timeout: 20_000 });
      return closing;
    },
  };
}

function createBoss(url: string, logger: Logger): PgBoss {
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'carillon jobs',
    max: 4,
    connectionTimeoutMillis: 5000,
    // No cron: what recurs here is the processes' own business.
    schedule: false,
    useListenNotify: true,
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
    openTelemetry: { enabled: false },
  });
  // Without a listener an error would end the process; pg-boss goes on by itself when PostgreSQL is back.
  boss.on('error', (error) => logger.warn({ err: error }, 'job queue error'));
  boss.on('warning', (warning) => logger.warn({ warning }, 'job queue warning'));
  return boss;
}

async function ensureQueue(boss: PgBoss, name: string, settings: QueueSettings): Promise<void> {
  const options = {
    retryLimit: settings.retryLimit,
    retryDelay: settings.retryDelayS,
    retryBackoff: true,
    retryDelayMax: settings.retryDelayMaxS,
    expireInSeconds: settings.expireInS,
    heartbeatSeconds: heartbeatS,
    deleteAfterSeconds: 86_400,
    // A task may be told to start in the far future.
    retentionSeconds: 366 * 86_400,
    notify: true,
  };
  await boss.createQueue(name, { ...options, policy: 'short' });
  await boss.updateQueue(name, options);
}
