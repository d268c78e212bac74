import type { Clock } from '../lib/clock.ts';
import { InfrastructureError, messageOf } from '../lib/errors.ts';
import type { PromptLease } from './prompt-shelf.ts';

/** The callees of one task ahead of its cursor, and what each will hear. */
export type LookaheadOptions = {
  readonly clock: Clock;
  /** The callees `fromSeq`.. with their variables, at most `max`. */
  readonly read: (
    fromSeq: number,
    max: number,
  ) => Promise<readonly { seq: number; variables: readonly (string | null)[] | null }[]>;
  /** Makes what a callee hears playable. Rejects with a retryable InfrastructureError when it may work later. */
  readonly make: (variables: readonly (string | null)[] | null, signal: AbortSignal) => Promise<PromptLease>;
  /** Callees to have ready. */
  readonly depth: number;
  /** Prompts made at the same time. */
  readonly concurrency: number;
};

type Item = {
  readonly variables: readonly (string | null)[] | null;
  prompt: Promise<PromptLease> | null;
  /** failed: it will never be; the call ends with that. */
  state: 'waiting' | 'making' | 'ready' | 'failed';
};

/** After a failure that may pass, nothing is tried for this long, ms. */
const pauseMs = 2000;

/**
 * Makes the prompts of the next callees before they are claimed, so that no call waits for the synthesizer and claims never outrun it.
 *
 * The window is the `depth` callees from the cursor. It is filled when the cursor moves; what the cursor has passed without being taken
 * (another process claimed it) is given back. `readyCount` is how many callees from the cursor on could be claimed now.
 */
export class Lookahead {
  readonly #options: LookaheadOptions;
  readonly #items = new Map<number, Item>();
  readonly #abort = new AbortController();
  #readUntil = 0;
  #isReading = false;
  #making = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #trouble: string | null = null;

  constructor(options: LookaheadOptions) {
    this.#options = options;
  }

  /** Why nothing gets ready; null: it does. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Moves the window to a cursor and goes on filling it; call it often. */
  advance(nextSeq: number): void {
    for (const [seq, item] of this.#items) {
      if (seq >= nextSeq) continue;
      this.#items.delete(seq);
      giveBack(item);
    }
    this.#readUntil = Math.max(this.#readUntil, nextSeq);
    if (this.#options.clock.monotonic() < this.#pausedUntil) return;
    if (this.#readUntil < nextSeq + this.#options.depth) void this.#fill(nextSeq);
    this.#makeMore();
  }

  /** How many callees from `nextSeq` on are ready. */
  readyCount(nextSeq: number): number {
    let seq = nextSeq;
    for (;;) {
      const state = this.#items.get(seq)?.state;
      if (state !== 'ready' && state !== 'failed') return seq - nextSeq;
      seq += 1;
    }
  }

  /** Hands out a claimed callee's prompt; one that is not ready (another process moved the cursor) is made now. */
  take(seq: number, variables: readonly (string | null)[] | null): Promise<PromptLease> {
    const item = this.#items.get(seq);
    this.#items.delete(seq);
    return item?.prompt ?? this.#options.make(variables, this.#abort.signal);
  }

  /** Gives everything back and gives up what is being made. */
  close(): void {
    this.#abort.abort(new Error('the task needs no more prompts'));
    for (const item of this.#items.values()) giveBack(item);
    this.#items.clear();
  }

  /** Never rejects. */
  async #fill(nextSeq: number): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const from = this.#readUntil;
    try {
      const callees = await this.#options.read(from, nextSeq + this.#options.depth - from);
      for (const { seq, variables } of callees) {
        this.#items.set(seq, { variables, prompt: null, state: 'waiting' });
        this.#readUntil = seq + 1;
      }
    } catch (error) {
      this.#pause(error);
    }
    this.#isReading = false;
    this.#makeMore();
  }

  #makeMore(): void {
    if (this.#abort.signal.aborted) return;
    for (const item of this.#items.values()) {
      if (this.#making >= this.#options.concurrency) return;
      if (item.state === 'waiting') this.#make(item);
    }
  }

  #make(item: Item): void {
    this.#making += 1;
    item.state = 'making';
    item.prompt = this.#options.make(item.variables, this.#abort.signal);
    item.prompt
      .then(
        () => {
          item.state = 'ready';
          this.#trouble = null;
        },
        (error: unknown) => {
          const mayPass = error instanceof InfrastructureError && error.retryable;
          item.state = mayPass ? 'waiting' : 'failed';
          if (mayPass) {
            item.prompt = null;
            this.#pause(error);
          }
        },
      )
      .finally(() => {
        this.#making -= 1;
        if (this.#options.clock.monotonic() >= this.#pausedUntil) this.#makeMore();
      });
  }

  #pause(error: unknown): void {
    this.#trouble = messageOf(error);
    this.#pausedUntil = this.#options.clock.monotonic() + pauseMs;
  }
}

function giveBack(item: Item): void {
  item.prompt?.then(
    (lease) => lease.release(),
    () => undefined,
  );
}
