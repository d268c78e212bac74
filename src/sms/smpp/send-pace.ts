import type { Clock } from '../../lib/clock.ts';
import { TokenBucket } from '../../lib/token-bucket.ts';

/** After the carrier said that it is too fast, ms: nothing goes. */
const pauseMs = 1_000;

/** Of the full rate, added for every second that went well. */
const recovery = 0.05;

/** A second: below it nothing would be learned about what the carrier takes. */
const leastRate = 1;

/**
 * How fast messages go out: the channel's rate, and below that whatever the carrier takes. Each time that it says no, nothing goes for a second and then half
 * as much; where it goes well, the rate comes back in small steps.
 */
export class SendPace {
  readonly #clock: Clock;
  readonly #maxTps: number;
  readonly #bucket: TokenBucket;
  #rate: number;
  #changedAtMs: number;
  #pausedUntilMs = 0;

  constructor(clock: Clock, maxTps: number) {
    this.#clock = clock;
    this.#maxTps = maxTps;
    this.#rate = maxTps;
    this.#bucket = new TokenBucket(clock, maxTps);
    this.#changedAtMs = clock.monotonic();
  }

  /** Submits a second, as it stands. */
  get rate(): number {
    return this.#rate;
  }

  /** Until the next one may go, ms. */
  get waitMs(): number {
    return Math.max(this.#pausedUntilMs - this.#clock.monotonic(), this.#bucket.waitMs);
  }

  /** Takes the next one; false: it may not go yet. */
  take(): boolean {
    return this.#clock.monotonic() >= this.#pausedUntilMs && this.#bucket.take();
  }

  /** Those that were out together are refused together: they count once. */
  slowDown(): void {
    const now = this.#clock.monotonic();
    if (now < this.#pausedUntilMs) return;
    this.#pausedUntilMs = now + pauseMs;
    this.#set(Math.max(this.#rate / 2, Math.min(leastRate, this.#maxTps)), this.#pausedUntilMs);
  }

  /** One was accepted. */
  goesWell(): void {
    if (this.#rate >= this.#maxTps) return;
    const now = this.#clock.monotonic();
    if (now - this.#changedAtMs >= 1_000) this.#set(Math.min(this.#maxTps, this.#rate + this.#maxTps * recovery), now);
  }

  #set(rate: number, atMs: number): void {
    this.#rate = rate;
    this.#changedAtMs = atMs;
    this.#bucket.setRate(rate);
  }
}
