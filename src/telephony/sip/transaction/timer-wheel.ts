import type { Clock, Timer } from '../../../lib/clock.ts';
import type { ReadPause } from './read-pause.ts';

/** Who is told that a timer of the wheel is due. */
export interface WheelTimerTarget {
  timerFired(timer: WheelTimer): void;
}

/** A timer that can be started and stopped any number of times at no cost. It belongs to one target. */
export class WheelTimer {
  readonly target: WheelTimerTarget;
  /** The wheel's own: the tick it is due at, -1 when it isn't running, and its neighbours in the slot. */
  dueTick = -1;
  previous: WheelTimer | null = null;
  next: WheelTimer | null = null;

  constructor(target: WheelTimerTarget) {
    this.target = target;
  }

  get isRunning(): boolean {
    return this.dueTick !== -1;
  }
}

/** Long enough that 64*T1 = 32 s fits in one turn, so that a tick finds next to nothing that isn't due. */
const slotCount = 2048;

/**
 * At most this many ticks are made up for at once. After the event loop was held up, what the network brought meanwhile must be read
 * before the timers that it stops are due; else each hold-up would end in a burst of needless retransmissions.
 */
const maxCatchUpTicks = 5;

/**
 * But never this many ticks (ten seconds) behind: while the network brings more than is read, for minutes perhaps, a wheel that only made up slowly would
 * fall behind for ever, and ended transactions would pile up. It must not be much less: that retransmissions wait for longer as answers do is what lets an
 * overload pass (with one second, four times as many calls failed at 800 a second on a machine with a load of 16).
 */
const maxLagTicks = 500;

/**
 * All timers of an endpoint on one timer of the clock. A call has some ten of them, most of which are stopped before they are due:
 * starting and stopping is a linked-list insertion here. Timers are due on a tick at or after their delay, never before.
 * While no timer runs, the clock isn't used.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #pause: ReadPause | null;
  readonly #slots: (WheelTimer | null)[] = new Array<WheelTimer | null>(slotCount).fill(null);
  readonly #origin: number;
  readonly #onTick = (): void => {
    if (this.#pause === null) this.#tick();
    else this.#pause.whenRead(this.#onRead);
  };
  readonly #onRead = (): void => this.#tick();
  #doneTick = 0;
  #count = 0;
  /** Set while a tick is to come, also while it waits for reading. */
  #armed: Timer | null = null;
  #isClosed = false;

  /** `pause` null: timers wait for nothing. */
  constructor(clock: Clock, tickMs = 20, pause: ReadPause | null = null) {
    this.#clock = clock;
    this.#pause = pause;
    this.#tickMs = tickMs;
    this.#origin = clock.monotonic();
  }

  /** Running timers. */
  get size(): number {
    return this.#count;
  }

  /** Starts a timer; one that runs already starts anew. */
  start(timer: WheelTimer, delayMs: number): void {
    if (this.#isClosed) return;
    if (timer.isRunning) this.stop(timer);
    const now = (this.#clock.monotonic() - this.#origin) / this.#tickMs;
    if (this.#count === 0) this.#doneTick = Math.floor(now);
    timer.dueTick = Math.max(Math.ceil(now + delayMs / this.#tickMs), this.#doneTick + 1);
    const slot = timer.dueTick % slotCount;
    const head = this.#slots[slot] ?? null;
    timer.next = head;
    if (head !== null) head.previous = timer;
    this.#slots[slot] = timer;
    this.#count++;
    if (this.#armed === null) this.#arm();
  }

  stop(timer: WheelTimer): void {
    if (!timer.isRunning) return;
    if (timer.previous !== null) timer.previous.next = timer.next;
    else this.#slots[timer.dueTick % slotCount] = timer.next;
    if (timer.next !== null) timer.next.previous = timer.previous;
    timer.previous = null;
    timer.next = null;
    timer.dueTick = -1;
    this.#count--;
  }

  /** Stops everything; timers started later never fire. */
  close(): void {
    this.#isClosed = true;
    this.#armed?.cancel();
    this.#armed = null;
    for (let slot = 0; slot < slotCount; slot++) {
      for (let timer = this.#slots[slot] ?? null; timer !== null; timer = this.#slots[slot] ?? null) this.stop(timer);
    }
  }

  #arm(): void {
    this.#armed = this.#clock.setTimer(this.#onTick, this.#tickMs);
  }

  #tick(): void {
    this.#armed = null;
    if (this.#isClosed) return;
    const now = Math.floor((this.#clock.monotonic() - this.#origin) / this.#tickMs);
    const end = Math.min(now, Math.max(this.#doneTick + maxCatchUpTicks, now - maxLagTicks));
    while (this.#doneTick < end && this.#count > 0) {
      this.#doneTick++;
      this.#fireSlot(this.#doneTick);
    }
    if (this.#count > 0 && this.#armed === null && !this.#isClosed) this.#arm();
  }

  /** A target may start and stop any timer while it is told, so the slot is read anew after each. */
  #fireSlot(tick: number): void {
    const slot = tick % slotCount;
    let timer = this.#slots[slot] ?? null;
    while (timer !== null) {
      if (timer.dueTick > tick) {
        timer = timer.next;
        continue;
      }
      this.stop(timer);
      timer.target.timerFired(timer);
      timer = this.#slots[slot] ?? null;
    }
  }
}
