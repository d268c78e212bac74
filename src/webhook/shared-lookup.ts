import { type LookupAllOptions, lookup } from 'node:dns';
import type { Clock } from '../lib/clock.ts';
import type { NameResolver } from './guarded-lookup.ts';

export type SharedLookupOptions = {
  readonly clock: Clock;
  /** The system's unless a test says otherwise. */
  readonly resolve?: NameResolver;
};

type Answered = Parameters<NameResolver>[2];

/** A look-up that is asked for, by one connection or by several. */
type Asked = {
  readonly key: string;
  readonly hostname: string;
  readonly options: LookupAllOptions;
  readonly askers: Answered[];
};

/** Of the four threads that a process has for such work, the file system's among it. */
const mostAtOnce = 3;
/** Of names that were slow. */
const mostSlowAtOnce = 1;
const slowAfterMs = 1000;

/**
 * The look-up of all receivers of a process. The system's holds a thread for as long as a name's servers do not answer, half a minute maybe, and there are four: so connections
 * that ask for the same name at the same time ask once, three names are looked up at a time, and of those that were slow the last time only one, so that they wait
 * for each other and not the others for them. Nothing is kept: whoever asks after an answer has it looked up again.
 */
export function createSharedLookup({ clock, resolve = lookup }: SharedLookupOptions): NameResolver {
  const waiting: Asked[] = [];
  const running = new Map<string, Asked>();
  const slow = new Set<string>();

  function next(): void {
    while (running.size < mostAtOnce) {
      const slowRunning = [...running.keys()].filter((key) => slow.has(key)).length;
      const index = waiting.findIndex(({ key }) => !slow.has(key) || slowRunning < mostSlowAtOnce);
      const [asked] = index === -1 ? [] : waiting.splice(index, 1);
      if (asked === undefined) return;
      start(asked);
    }
  }

  function start(asked: Asked): void {
    const startedAt = clock.monotonic();
    running.set(asked.key, asked);
    resolve(asked.hostname, asked.options, (error, addresses) => {
      running.delete(asked.key);
      if (clock.monotonic() - startedAt > slowAfterMs) slow.add(asked.key);
      else slow.delete(asked.key);
      for (const answered of asked.askers) answered(error, addresses);
      next();
    });
  }

  return (hostname, options, callback) => {
    const key = `${hostname} ${options.family ?? ''} ${options.hints ?? ''}`;
    const same = running.get(key) ?? waiting.find((asked) => asked.key === key);
    if (same !== undefined) {
      same.askers.push(callback);
      return;
    }
    waiting.push({ key, hostname, options, askers: [callback] });
    next();
  };
}
