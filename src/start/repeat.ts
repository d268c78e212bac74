import type { Clock, Timer } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

export type RepeatOptions = {
  readonly name: string;
  readonly everyMs: number;
  readonly work: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Does something again and again, `everyMs` after the end of the last time; a failure is logged. Returns what stops it and waits for work under way. */
export function repeat({ name, everyMs, work, clock, logger }: RepeatOptions): () => Promise<void> {
  let timer: Timer | null = null;
  let underWay: Promise<void> = Promise.resolve();
  let isStopped = false;
  const schedule = (): void => {
    if (isStopped) return;
    timer = clock.setTimer(() => {
      underWay = work()
        .catch((error: unknown) =>
          logger.warn({ err: error, work: name, reason: messageOf(error) }, 'recurring work failed'),
        )
        .finally(schedule);
    }, everyMs);
  };
  schedule();
  return () => {
    isStopped = true;
    timer?.cancel();
    return underWay;
  };
}
