import type { Db } from '../../db/tables.ts';
import { type Backoff, createBackoff } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import { isDataError } from '../error/database-error.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { textAnsweredCalls } from '../sms/follow-calls.ts';
import { type CallSnapshot, endCalls, writeProgress } from './call-ledger-sql.ts';

export type CallLedgerOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  readonly scheduling: Scheduling;
  /** How long what was reported waits for company, ms; default 25. */
  readonly flushDelayMs?: number;
  /** With this much unwritten, no new calls are to be started. */
  readonly maxPending?: number;
};

/** At most this many calls in one transaction: the locks of a flush are short. */
const batchSize = 500;

/**
 * Brings what happens to this process's calls into PostgreSQL: batched, in order, and patient.
 *
 * A report is a snapshot; the latest one of a call replaces those before it, so there is at most one per call and memory is bounded by the
 * calls in progress plus `maxPending`. A flush writes them in one transaction. While PostgreSQL is away the flush is repeated with
 * backoff for as long as it takes, and `hasRoom` is false, so that nothing new starts; calls in progress go on. A flush whose commit
 * was lost on the way is repeated without harm (see {@link endCalls}).
 */
export class CallLedger {
  readonly #options: CallLedgerOptions;
  readonly #backoff: Backoff;
  readonly #maxPending: number;
  readonly #flushDelayMs: number;
  #pending = new Map<string, CallSnapshot>();
  #timer: Timer | null = null;
  #writing: Promise<void> | null = null;
  #isFailing = false;
  #isClosed = false;
  #idle: (() => void)[] = [];

  constructor(options: CallLedgerOptions) {
    this.#options = options;
    this.#maxPending = options.maxPending ?? 2000;
    this.#flushDelayMs = options.flushDelayMs ?? 25;
    this.#backoff = createBackoff({ firstMs: 100, maxMs: 2000, random: options.random });
  }

  /** Calls whose latest snapshot is not written yet. */
  get backlog(): number {
    return this.#pending.size;
  }

  /** Whether new calls may be started. */
  get hasRoom(): boolean {
    return !this.#isClosed && !this.#isFailing && this.#pending.size < this.#maxPending;
  }

  /** Whether something of this call is not written yet. */
  isPending(taskId: number, seq: number): boolean {
    return this.#pending.has(`${taskId}-${seq}`);
  }

  /** Takes a snapshot; returns at once. */
  report(snapshot: CallSnapshot): void {
    if (this.#isClosed) return;
    const key = `${snapshot.taskId}-${snapshot.seq}`;
    // Deleted first: the order of the map is the order in which they are written.
    this.#pending.delete(key);
    this.#pending.set(key, snapshot);
    this.#schedule(this.#flushDelayMs);
  }

  /** Resolves when everything reported so far is written; rejects with the signal's reason when that takes longer than it allows. */
  async drain(signal: AbortSignal): Promise<void> {
    if (this.#pending.size === 0 && !this.#writing) return;
    await new Promise<void>((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#idle.push(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }

  /** Stops writing; what is not written is left to the sweeper of another process. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #schedule(delayMs: number): void {
    if (this.#timer || this.#writing || this.#isClosed) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#timer = null;
      this.#writing = this.#flush();
    }, delayMs);
  }

  /** Never rejects. */
  async #flush(): Promise<void> {
    const batch = [...this.#pending.entries()].slice(0, batchSize);
    try {
      await this.#write(batch.map(([, snapshot]) => snapshot));
      this.#settle(batch);
      this.#isFailing = false;
      this.#backoff.reset();
      this.#writing = null;
      // What came meanwhile waits for company as well, unless it is a batch already.
      if (this.#pending.size > 0) this.#schedule(this.#pending.size < batchSize ? this.#flushDelayMs : 0);
      else for (const wake of this.#idle.splice(0)) wake();
    } catch (error) {
      this.#writing = null;
      const delayMs = this.#backoff.next();
      if (!this.#isFailing) {
        this.#options.logger.warn(
          { err: error, backlog: this.#pending.size, delayMs },
          'writing call results failed, retrying',
        );
      }
      this.#isFailing = true;
      this.#schedule(delayMs);
    }
  }

  async #write(batch: readonly CallSnapshot[]): Promise<void> {
    try {
      await this.#transact(batch);
    } catch (error) {
      if (!isDataError(error)) throw error;
      if (batch.length > 1) {
        for (const snapshot of batch) await this.#write([snapshot]);
        return;
      }
      // One bad value must not keep everybody else's results from being written.
      const [snapshot] = batch;
      const fields = { err: error, taskId: snapshot?.taskId, seq: snapshot?.seq };
      this.#options.logger.error(fields, 'a call result cannot be stored and is dropped');
    }
  }

  async #transact(batch: readonly CallSnapshot[]): Promise<void> {
    const { db, processId, scheduling } = this.#options;
    const open = batch.filter((snapshot) => snapshot.end === null);
    const over = batch.filter((snapshot) => snapshot.end !== null);
    const texting = open.filter((snapshot) => snapshot.textsAnswer === true && snapshot.answeredAt !== null);
    // One statement is a transaction of its own, and saves the two round trips around it.
    if (over.length === 0 && texting.length === 0) return writeProgress(db, processId, open);
    await db.transaction().execute(async (tx) => {
      await writeProgress(tx, processId, open);
      if (texting.length > 0) await textAnsweredCalls(tx, processId, texting);
      await endCalls(tx, processId, over, scheduling);
    });
  }

  /** Forgets what was written, unless something newer of the same call came meanwhile. */
  #settle(batch: readonly (readonly [string, CallSnapshot])[]): void {
    for (const [key, snapshot] of batch) {
      if (this.#pending.get(key) === snapshot) this.#pending.delete(key);
    }
  }
}
