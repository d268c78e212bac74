import type { Clock } from '../../../lib/clock.ts';

export type SourceLimits = {
  /** Datagrams a second that one address may send for long. */
  readonly perSecond: number;
  /** How many it may send at once after a silence. */
  readonly burst: number;
  /** Addresses that are remembered; the one that was silent longest is forgotten first. */
  readonly maxSources: number;
};

type Bucket = { tokens: number; filledAtMs: number };

/**
 * A token bucket for each source address, in a table of fixed size. A flood with ever new forged addresses gets a new bucket each time:
 * what it is held to then is the size of the table, not the rate.
 */
export class SourceLimiter {
  readonly #limits: SourceLimits;
  readonly #clock: Clock;
  /** In the order of the latest use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: SourceLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Addresses that are remembered now. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one token of an address; false when it has none left. */
  take(address: string): boolean {
    const { perSecond, burst } = this.#limits;
    const now = this.#clock.monotonic();
    const bucket = this.#touch(address, now);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAtMs) * perSecond) / 1000);
    bucket.filledAtMs = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  #touch(address: string, now: number): Bucket {
    const known = this.#buckets.get(address);
    if (known !== undefined) this.#buckets.delete(address);
    else if (this.#buckets.size >= this.#limits.maxSources) {
      const oldest = this.#buckets.keys().next();
      if (oldest.done !== true) this.#buckets.delete(oldest.value);
    }
    const bucket = known ?? { tokens: this.#limits.burst, filledAtMs: now };
    this.#buckets.set(address, bucket);
    return bucket;
  }
}
