import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { onSupervisorLost, reportFailed, reportReady } from './parent-link.ts';
import { listenToStopSignals } from './stop-signals.ts';

/** One thing to close. Closers of one group run at the same time; the next group waits for them. */
export type Closer = { readonly name: string; readonly close: () => Promise<void> };

/** A process that has come up. */
export type RunningProcess = {
  /** Told to the supervisor. */
  readonly info: object;
  /** In the order in which they are closed. */
  readonly closeGroups: readonly (readonly Closer[])[];
};

export type ProcessOptions = {
  readonly logger: Logger;
  /** Builds everything. `fail` is for faults that come later and that the process must not survive. */
  readonly start: (fail: (reason: string, error: unknown) => void) => Promise<RunningProcess>;
};

/**
 * The life of an api or dialer process: starts it, says so, waits for a signal or for the supervisor's end, closes in order, exits 0. A second
 * signal exits 1 at once. What nobody caught is logged and ends the process with 1: its state is in PostgreSQL, and the supervisor starts another.
 */
export async function runProcess({ logger, start }: ProcessOptions): Promise<void> {
  const fail = (reason: string, error: unknown): never => {
    logger.fatal({ err: error }, reason);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => fail('uncaught exception', error));
  process.on('unhandledRejection', (error) => fail('unhandled rejection', error));
  let running: RunningProcess | null = null;
  const stopRequested = new Promise<string>((resolve) => {
    const request = (reason: string): void => {
      if (running === null) {
        // What is half built holds nothing that PostgreSQL does not know.
        logger.info({ reason }, 'stopped while starting');
        process.exit(0);
      }
      resolve(reason);
    };
    listenToStopSignals({ onStop: request, onForce: () => fail('stopped by force', null) });
    onSupervisorLost(() => request('the supervisor is gone'));
  });
  try {
    running = await start(fail);
  } catch (error) {
    await reportFailed(messageOf(error));
    return fail(`start failed: ${messageOf(error)}`, error);
  }
  logger.info({ ...running.info }, 'process is ready');
  reportReady(running.info);
  const reason = await stopRequested;
  logger.info({ reason }, 'process is stopping');
  const isClean = await closeInOrder(running.closeGroups, logger);
  logger.info('process has stopped');
  process.exit(isClean ? 0 : 1);
}

/** Closes group after group, whatever fails. Returns whether nothing did. */
async function closeInOrder(groups: readonly (readonly Closer[])[], logger: Logger): Promise<boolean> {
  let isClean = true;
  for (const group of groups) {
    await Promise.all(
      group.map(async ({ name, close }) => {
        logger.debug({ part: name }, 'closing');
        try {
          await close();
        } catch (error) {
          isClean = false;
          logger.error({ err: error, part: name }, 'closing failed');
        }
      }),
    );
  }
  return isClean;
}
