import type { Clock } from '../lib/clock.ts';

/** The part of a second whose calls may be made at once after a pause. */
const burstS = 0.1;

/**
 * Paces calls: exactly `ratePerS` a second over time, never more at once than a tenth of a second's worth and one. Starts empty but
 * for one, so that a restart is no burst.
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

  /** Whole calls that may be made now. */
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

  /** 0 stops it. What was saved up under the old rate is capped by the new one. */
  setRate(ratePerS: number): void {
    this.#refill();
    this.#ratePerS = ratePerS;
    this.#tokens = Math.min(this.#tokens, this.#capacity);
  }

  get #capacity(): number {
    // One more than the burst: what is left of a call's time when the next tick comes must not be lost, or the pace falls below the rate.
    return this.#ratePerS <= 0 ? 0 : 1 + this.#ratePerS * burstS;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((now - this.#at) / 1000) * this.#ratePerS);
    this.#at = now;
  }
}
