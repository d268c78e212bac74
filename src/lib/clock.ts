/** The passage of time as a dependency, so that state and schedules can be tested without waiting. */
export interface Clock {
  /** Wall-clock time, milliseconds since the Unix epoch. May step; never used to measure durations. */
  now(): number;
  /** Monotonic time in milliseconds from an arbitrary origin, with sub-millisecond resolution. */
  monotonic(): number;
  /** Runs `callback` once after `delayMs`. Never keeps the event loop alive by itself when `unref` is called on it. */
  setTimer(callback: () => void, delayMs: number): Timer;
}

/** A pending timer of a {@link Clock}. `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** The real clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(callback, delayMs) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
