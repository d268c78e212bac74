import type { Clock } from './clock.ts';

/** The part of a second whose worth may go at once after a pause. */
const burstS = 0.1;

/**
 * Paces calls, messages, whatever is counted: exactly `ratePerS` a second over time, never more at once than a tenth of a second's worth and one. Starts empty
 * but for one, so that a restart is no burst.
 */
export class TokenBucket {
  readonly #clock: Clock;
  #ratePerS: number;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, ratePerS: number) {
    this.#clock = clock;
    this.#ratePerS = ratePerS;
    this.#tokens = Math.min(1, ratePerS);
    this.#at = clock.monotonic();
  }

  /** How many may go now. */
  get available(): number {
    this.#refill();
    // The sum of many small refills falls short of the whole number by rounding.
    return Math.floor(this.#tokens + 1e-9);
  }

  /** Takes one; false: there is none. */
  take(): boolean {
    if (this.available < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Until there is one, ms; Infinity: never at this rate. */
  get waitMs(): number {
    if (this.available >= 1) return 0;
    return this.#ratePerS <= 0 ? Number.POSITIVE_INFINITY : ((1 - this.#tokens) / this.#ratePerS) * 1000;
  }

  /** 0 stops it. What was saved up under the old rate is capped by the new one. */
  setRate(ratePerS: number): void {
    this.#refill();
    this.#ratePerS = ratePerS;
    this.#tokens = Math.min(this.#tokens, this.#capacity);
  }

  get #capacity(): number {
    // One more than the burst: what is left of one's time when the next tick comes must not be lost, or the pace falls below the rate.
    return this.#ratePerS <= 0 ? 0 : 1 + this.#ratePerS * burstS;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((now - this.#at) / 1000) * this.#ratePerS);
    this.#at = now;
  }
}
