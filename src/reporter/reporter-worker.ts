import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger, LogLevel } from '../lib/logger.ts';

/** What the reporter's thread is started with. */
export type ReporterSettings = {
  readonly databaseUrl: string;
  readonly processId: string;
  /** Networks that may be posted to besides the public ones. */
  readonly networks: readonly string[];
  /** How long a minute between two tries lasts, in ms. */
  readonly minuteMs: number;
  readonly logLevel: LogLevel;
};

/** How long after its end the thread is started again. */
const restartAfterMs = 1000;

/**
 * Starts the thread that delivers reports, and starts it anew should it fail: rendering, signing and sending them is work for a core, which no HTTP answer waits for.
 * Returns what ends it: the POSTs under way and what came of them first.
 */
export function startReporter(
  settings: ReporterSettings,
  { clock, logger }: { clock: Clock; logger: Logger },
): () => Promise<void> {
  const entry = new URL(`./reporter-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
  let isClosing = false;
  let restart: Timer | null = null;
  let ended: Promise<void> = Promise.resolve();
  let worker: Worker | null = null;

  function start(): void {
    const started = new Worker(entry, { workerData: settings });
    worker = started;
    started.on('error', (error) => logger.error({ err: error }, 'the reporter thread failed'));
    ended = new Promise((resolve) => {
      started.on('exit', () => {
        worker = null;
        resolve();
        if (!isClosing) restart = clock.setTimer(start, restartAfterMs);
      });
    });
  }

  start();
  return async () => {
    isClosing = true;
    restart?.cancel();
    worker?.postMessage('close');
    await ended;
  };
}
