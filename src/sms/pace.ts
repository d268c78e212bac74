import type { Clock, Timer } from '../lib/clock.ts';

/** How much of the time that a late timer lost is made up for, ms. */
const mostBehindMs = 100;

/** Lets so many through a second, each in its turn and evenly. What a pause did not use is lost. */
export class Pace {
  readonly #clock: Clock;
  readonly #gapMs: number;
  readonly #waiting: ((isIn: boolean) => void)[] = [];
  #nextAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | null = null;
  #isClosed = false;

  /** @param ratePerS more than 0 */
  constructor(clock: Clock, ratePerS: number) {
    this.#clock = clock;
    this.#gapMs = 1000 / ratePerS;
  }

  /** Resolves to true when it is one's turn, or to false when the pace is closed before that. */
  turn(): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    if (this.#waiting.length === 0) this.#nextAt = Math.max(this.#nextAt, this.#clock.monotonic());
    const turn = new Promise<boolean>((resolve) => this.#waiting.push(resolve));
    if (this.#timer === null) this.#advance();
    return turn;
  }

  /** Sends away all that wait, and all that come. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const resolve of this.#waiting.splice(0)) resolve(false);
  }

  /** A timer is late by a millisecond or more: whoever's turn came meanwhile goes at once, so that the rate is reached. */
  #advance(): void {
    const now = this.#clock.monotonic();
    this.#nextAt = Math.max(this.#nextAt, now - mostBehindMs);
    while (this.#waiting.length > 0 && this.#nextAt <= now) {
      this.#waiting.shift()?.(true);
      this.#nextAt += this.#gapMs;
    }
    if (this.#waiting.length === 0) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = null;
      this.#advance();
    }, this.#nextAt - now);
  }
}
