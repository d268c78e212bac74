import { LatenessHistogram } from './lateness-histogram.ts';

/** Something that is due every `strideTicks` ticks. */
export type Paced = {
  readonly strideTicks: number;
  /** False: it is dropped at its next turn. */
  readonly isLive: boolean;
  /** Its turn: it sends. `skippedMs` is how much time the thread has skipped since its start. True: a packet was sent. */
  onTurn(skippedMs: number): boolean;
  /** What need not be done on time, when everybody in the slot has sent: it takes what has come. */
  afterTurn(): void;
};

export type PacerOptions = {
  /** Length of a slot. Sessions of 20 ms are spread over 20 / tickMs slots. */
  readonly tickMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
};

/** Longest stride: 60 ms packets in slots of at least 1 ms. */
const wheelSlots = 64;
/** So many share a slot before another one is begun: each slot that somebody is in wakes the thread, which costs more than a few packets do. */
const groupSize = 8;
/** Behind by more than this, time is skipped instead of caught up. */
const longestLatenessMs = 60;
/** So much of the schedule is worked off in one go at most. */
const longestTurnMs = 20;
/** A timer that fires this much early is not worth another wait. */
const earlyToleranceMs = 0.5;

/**
 * The absolute schedule of one thread. A wheel of slots: whoever has had its turn moves `stride` slots on, so a tick costs what is due in it, and a thread with few sessions sleeps over its empty slots. A newcomer
 * takes the emptiest of the next `stride` slots, so that the sessions spread evenly; only the first eight of a slot come together, for the sake of fewer wake-ups.
 *
 * No drift: slot k is due at `origin + k * tickMs`, however late the slots before it were. Lateness up to 60 ms is caught up: at most three 20 ms packets
 * per session, which the listener's jitter buffer takes without a gap. Beyond that (the machine slept, more sessions than the core
 * carries) the missed slots are not sent in a burst: the origin moves, nobody loses a turn, and `skippedMs` grows, which senders turn
 * into a jump of the RTP timestamp. So a listener hears a gap of the pause's length and then the prompt where it stopped. The lateness
 * of the slot at which time was skipped is counted in full.
 */
export class Pacer {
  readonly lateness = new LatenessHistogram();
  readonly #options: PacerOptions;
  readonly #wheel: Paced[][] = Array.from({ length: wheelSlots }, () => []);
  #spare: Paced[] = [];
  #originMs: number;
  #tick = 0;
  #size = 0;
  #skippedMs = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#originMs = options.now();
  }

  /** How many are on the wheel; ended ones count until their next turn. */
  get size(): number {
    return this.#size;
  }

  get skippedMs(): number {
    return this.#skippedMs;
  }

  /** When somebody is due next, in `now` time; of no meaning when nobody is on the wheel. */
  get nextDueMs(): number {
    let ahead = 0;
    while (ahead < wheelSlots && this.#slot(this.#tick + ahead).length === 0) ahead += 1;
    return this.#dueMs(this.#tick + ahead);
  }

  add(item: Paced): void {
    // After an idle time there is nobody whom a new origin could hurt.
    if (this.#size === 0) this.#restart();
    this.#passEmptySlots();
    let best = this.#slot(this.#tick);
    for (let ahead = 1; ahead < item.strideTicks; ahead += 1) {
      const slot = this.#slot(this.#tick + ahead);
      if (crowdOf(slot) < crowdOf(best)) best = slot;
    }
    best.push(item);
    this.#size += 1;
  }

  /**
   * Gives everyone who is due their turn; cheap when nobody is. At most `mostSlots` that somebody is in per call, by default one packet time's worth, so that an
   * overloaded thread still gets to its receiving and its messages.
   */
  advance(mostSlots = Math.ceil(longestTurnMs / this.#options.tickMs)): void {
    const { now } = this.#options;
    for (let count = 0; count < mostSlots && this.#size > 0; count += 1) {
      this.#passEmptySlots();
      const dueMs = this.#dueMs(this.#tick);
      const latenessMs = now() - dueMs;
      if (latenessMs < -earlyToleranceMs) return;
      if (latenessMs > longestLatenessMs) this.#skip(latenessMs);
      this.#turn(dueMs);
    }
  }

  /** Time that nobody was to have a turn in is not time that anybody is late. */
  #passEmptySlots(): void {
    if (this.#size === 0) return;
    const nowMs = this.#options.now();
    while (this.#slot(this.#tick).length === 0 && this.#dueMs(this.#tick) <= nowMs) this.#tick += 1;
  }

  #dueMs(tick: number): number {
    return this.#originMs + tick * this.#options.tickMs;
  }

  #turn(dueMs: number): void {
    const { now } = this.#options;
    const index = this.#tick % wheelSlots;
    const due = this.#slot(this.#tick);
    this.#wheel[index] = this.#spare;
    for (const item of due) {
      if (item.isLive && item.onTurn(this.#skippedMs)) this.lateness.record(now() - dueMs);
    }
    for (const item of due) {
      if (item.isLive) {
        item.afterTurn();
        this.#slot(this.#tick + item.strideTicks).push(item);
      } else this.#size -= 1;
    }
    due.length = 0;
    this.#spare = due;
    this.#tick += 1;
  }

  #skip(latenessMs: number): void {
    this.#originMs += latenessMs;
    this.#skippedMs += latenessMs;
  }

  #restart(): void {
    this.#originMs = this.#options.now() - this.#tick * this.#options.tickMs;
  }

  #slot(tick: number): Paced[] {
    const slot = this.#wheel[tick % wheelSlots];
    if (slot === undefined) throw new RangeError('the wheel has no such slot');
    return slot;
  }
}

/** How little a newcomer is wanted in a slot. */
function crowdOf({ length }: readonly Paced[]): number {
  return length > 0 && length < groupSize ? -1 : length;
}
