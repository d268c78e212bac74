import type { Clock, Timer } from '../../lib/clock.ts';

/** What came of a submit_sm that was written. */
export type SubmitResult =
  | { readonly type: 'answered'; readonly status: number; readonly messageId: string | null }
  /** Whether the carrier has it will not be known. */
  | { readonly type: 'unanswered'; readonly reason: string };

type Request = { readonly dueAtMs: number; readonly onResult: (result: SubmitResult) => void };

/**
 * The submit_sm that are out on one connection, by sequence number; answers come in any order. Each is told its result once. All may take equally long, so the
 * oldest is the next that is overdue, and one timer is enough.
 */
export class UnansweredRequests {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #requests = new Map<number, Request>();
  #timer: Timer | null = null;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  get size(): number {
    return this.#requests.size;
  }

  has(sequence: number): boolean {
    return this.#requests.has(sequence);
  }

  add(sequence: number, onResult: (result: SubmitResult) => void): void {
    this.#requests.set(sequence, { dueAtMs: this.#clock.monotonic() + this.#timeoutMs, onResult });
    if (this.#timer === null) this.#watch(this.#timeoutMs);
  }

  /** false: nobody waits for it, or not any more. */
  answer(sequence: number, status: number, messageId: string | null): boolean {
    const request = this.#requests.get(sequence);
    if (request === undefined) return false;
    this.#requests.delete(sequence);
    request.onResult({ type: 'answered', status, messageId });
    return true;
  }

  /** None will be answered any more. */
  giveUp(reason: string): void {
    this.#timer?.cancel();
    this.#timer = null;
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { onResult } of requests) onResult({ type: 'unanswered', reason });
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
      request.onResult({ type: 'unanswered', reason: 'the carrier did not answer in time' });
    }
  }
}
