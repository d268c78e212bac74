import type { Clock, Timer } from '../../lib/clock.ts';

/** The answer to a submit_sm. */
export type SubmitAnswer = { readonly status: number; readonly messageId: string | null };

/** What came of a submit_sm that was written. */
export type SubmitResult =
  | ({ readonly type: 'answered' } & SubmitAnswer)
  /** Whether the carrier has it is not known. */
  | { readonly type: 'unanswered'; readonly reason: string };

/** Who sent a submit_sm. */
export interface SubmitObserver {
  /** Called once. */
  onResult(result: SubmitResult): void;
  /** The answer is there, and it was said before that it had not come in time. Called once at most. */
  onLateAnswer(answer: SubmitAnswer): void;
}

export type UnansweredOptions = {
  /** How long an answer may take, ms. */
  readonly timeoutMs: number;
  /** Requests without an answer, at most. */
  readonly window: number;
};

type Request = { readonly dueAtMs: number; readonly observer: SubmitObserver };

/** How long after it was due an answer is still of use, ms, and of how many requests: a carrier that is silent for longer has forgotten them. */
const lateMs = 600_000;
const mostLate = 10_000;

/**
 * The submit_sm that are out on one connection, by sequence number; answers come in any order. Each is told its result once. All may take equally long, so the
 * oldest is the next that is overdue, and one timer is enough. Those that were not answered in time are remembered for a while: a late answer still names the message.
 *
 * A carrier that is there and answers nothing would make every message doubtful that it is given. So the window shrinks by each that is overdue, down to one at a time,
 * and is whole again with the next answer, a late one too.
 */
export class UnansweredRequests {
  readonly #clock: Clock;
  readonly #options: UnansweredOptions;
  readonly #requests = new Map<number, Request>();
  /** Oldest first, as they became overdue. */
  readonly #late = new Map<number, Request>();
  /** How many have become overdue since there was an answer. */
  #overdueInARow = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, options: UnansweredOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get size(): number {
    return this.#requests.size;
  }

  /** How many may be out now. */
  get window(): number {
    return Math.max(1, this.#options.window - this.#overdueInARow);
  }

  /** Whether there are some that a late answer may still come for. */
  get isLateAwaited(): boolean {
    this.#forget();
    return this.#late.size > 0;
  }

  has(sequence: number): boolean {
    return this.#requests.has(sequence) || this.#late.has(sequence);
  }

  add(sequence: number, observer: SubmitObserver): void {
    const { timeoutMs } = this.#options;
    this.#requests.set(sequence, { dueAtMs: this.#clock.monotonic() + timeoutMs, observer });
    if (this.#timer === null) this.#watch(timeoutMs);
  }

  /** Returns whether somebody has waited for it. */
  answer(sequence: number, answer: SubmitAnswer): 'in-time' | 'late' | 'not-awaited' {
    const request = this.#requests.get(sequence);
    const late = this.#late.get(sequence);
    if (request === undefined && late === undefined) return 'not-awaited';
    this.#requests.delete(sequence);
    this.#late.delete(sequence);
    this.#overdueInARow = 0;
    request?.observer.onResult({ type: 'answered', ...answer });
    late?.observer.onLateAnswer(answer);
    return request === undefined ? 'late' : 'in-time';
  }

  /** None will be answered any more. */
  giveUp(reason: string): void {
    this.#timer?.cancel();
    this.#timer = null;
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    this.#late.clear();
    this.#overdueInARow = 0;
    for (const { observer } of requests) observer.onResult({ type: 'unanswered', reason });
  }

  #watch(delayMs: number): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = null;
      this.#expire();
    }, delayMs);
  }

  #expire(): void {
    const now = this.#clock.monotonic();
    for (const [sequence, request] of this.#requests) {
      if (request.dueAtMs > now) {
        if (this.#timer === null) this.#watch(request.dueAtMs - now);
        return;
      }
      this.#requests.delete(sequence);
      this.#late.set(sequence, request);
      this.#overdueInARow += 1;
      this.#forget();
      request.observer.onResult({ type: 'unanswered', reason: 'the carrier did not answer in time' });
    }
  }

  #forget(): void {
    const now = this.#clock.monotonic();
    for (const [sequence, { dueAtMs }] of this.#late) {
      if (dueAtMs + lateMs > now && this.#late.size <= mostLate) return;
      this.#late.delete(sequence);
    }
  }
}
