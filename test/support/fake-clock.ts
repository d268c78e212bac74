import type { Clock, Timer } from '../../src/lib/clock.ts';

type Pending = { readonly at: number; readonly order: number; readonly callback: () => void };

/** A clock that stands still until it is advanced. Monotonic time starts at 0, wall-clock time at a day in 2026. */
export class FakeClock implements Clock {
  readonly #pending = new Set<Pending>();
  #at = 0;
  #order = 0;

  now(): number {
    return Date.UTC(2026, 0, 5, 4, 0, 0) + this.#at;
  }

  monotonic(): number {
    return this.#at;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const pending = { at: this.#at + Math.max(0, delayMs), order: this.#order++, callback };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** Timers that are set. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Lets time pass; timers fire in order, each at its own time, and what they resolve runs before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.#at + ms;
    await settled();
    for (;;) {
      const next = [...this.#pending].sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next || next.at > until) break;
      this.#pending.delete(next);
      this.#at = next.at;
      next.callback();
      await settled();
    }
    this.#at = until;
    await settled();
  }

  /** Time passes and nothing runs: the process was frozen. */
  freeze(ms: number): void {
    this.#at += ms;
  }
}

/** Promises that are resolved have run their reactions. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
