import type { Random } from './random.ts';

export type BackoffOptions = {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Each delay is this many times the one before; default 2. */
  readonly factor?: number;
  readonly random: Random;
};

/** A growing row of delays with jitter: each is drawn from the upper half of its nominal value, so that many waiters spread out. */
export interface Backoff {
  /** The next delay in milliseconds. */
  next(): number;
  /** Starts again at the first delay; call it after a success. */
  reset(): void;
}

export function createBackoff(options: BackoffOptions): Backoff {
  const factor = options.factor ?? 2;
  let nominalMs = options.firstMs;
  return {
    next() {
      const currentMs = Math.min(nominalMs, options.maxMs);
      nominalMs = currentMs * factor;
      return currentMs * (0.5 + options.random.float() / 2);
    },
    reset() {
      nominalMs = options.firstMs;
    },
  };
}
