import type { Clock, Timer } from '../../../lib/clock.ts';

type Pending = { readonly at: number; readonly order: number; readonly callback: () => void };

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  now(): number {
    return 1_700_000_000_000 + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const entry = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback };
    this.#pending.add(entry);
    return { cancel: () => this.#pending.delete(entry) };
  }

  /** Timers that are set. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Lets time pass; what becomes due runs in order, each at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#pending.delete(next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }

  #next(end: number): Pending | null {
    let first: Pending | null = null;
    for (const entry of this.#pending) {
      if (entry.at > end) continue;
      if (first === null || entry.at < first.at || (entry.at === first.at && entry.order < first.order)) first = entry;
    }
    return first;
  }
}
