import type { Db } from '../../db/tables.ts';
import { type Backoff, createBackoff } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import type { SmsReceipt } from '../../sms/sms-transport.ts';
import { writeReceipts } from './receipts.ts';
import { type SmsResult, writeResults } from './results.ts';
import { storableReceipt, storableResult } from './storable.ts';

export type SmsLedgerOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  readonly smsChannelId: number;
  /** Results were written, so that there are fewer that wait. */
  readonly onWritten: () => void;
};

/** How long a result waits for company, ms. */
const flushDelayMs = 50;
/** A receipt may be faster than the answer that names it; this long it is tried again, ms. */
const earlyReceiptMs = 5000;
const earlyReceiptRetryMs = 250;
/** With this many unwritten, the channel is asked to send receipts again. */
const maxReceipts = 5000;
const batchSize = 500;

type PendingReceipt = {
  readonly receipt: SmsReceipt;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};

/**
 * Brings what a channel answers into PostgreSQL: batched, results before receipts, and patient. While PostgreSQL is away everything waits here; results are as many
 * as the channel's worker lets come.
 */
export class SmsLedger {
  readonly #options: SmsLedgerOptions;
  readonly #backoff: Backoff;
  #results: SmsResult[] = [];
  #receipts: PendingReceipt[] = [];
  #timer: Timer | null = null;
  #isWriting = false;
  /** Called when no result is left to be written. */
  #onDrained: (() => void) | null = null;
  #isClosed = false;

  constructor(options: SmsLedgerOptions) {
    this.#options = options;
    this.#backoff = createBackoff({ firstMs: 100, maxMs: 5000, random: options.random });
  }

  /** Results that are not written yet. */
  get backlog(): number {
    return this.#results.length;
  }

  report(result: SmsResult): void {
    this.#results.push({ ...result, result: storableResult(result.result) });
    this.#schedule(flushDelayMs);
  }

  /** Resolves when it is written, or nobody waits for it. */
  receive(receipt: SmsReceipt): Promise<void> {
    if (this.#isClosed || this.#receipts.length >= maxReceipts) return Promise.reject(notStored());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#receipts.push({ receipt: storableReceipt(receipt), since: this.#options.clock.monotonic(), resolve, reject });
    this.#schedule(flushDelayMs);
    return promise;
  }

  /** Writes what is left, until the signal aborts: then the results stay in doubt, and the receipts are for the channel to send again. */
  async close(signal: AbortSignal): Promise<void> {
    if (this.#results.length > 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onDrained = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
    }
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const { reject } of this.#receipts.splice(0)) reject(notStored());
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null || this.#isWriting || this.#isClosed) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#timer = null;
      this.#isWriting = true;
      void this.#flush();
    }, delayMs);
  }

  /** Never rejects. */
  async #flush(): Promise<void> {
    const { db, processId, smsChannelId, logger, onWritten } = this.#options;
    const results = this.#results.slice(0, batchSize);
    const receipts = this.#receipts.slice(0, batchSize);
    let nextMs: number | null = null;
    try {
      await writeResults(db, { processId, smsChannelId }, results);
      this.#results.splice(0, results.length);
      if (results.length > 0) onWritten();
      const awaited = await writeReceipts(
        db,
        smsChannelId,
        receipts.map(({ receipt }) => receipt),
      );
      const early = this.#settle(receipts, awaited);
      this.#receipts.splice(0, receipts.length);
      // At the end, so that they do not keep others from their turn.
      this.#receipts.push(...early);
      this.#backoff.reset();
      if (this.#results.length > 0 || this.#receipts.length > early.length) nextMs = 0;
      else if (early.length > 0) nextMs = earlyReceiptRetryMs;
    } catch (error) {
      nextMs = this.#backoff.next();
      logger.warn({ err: error, backlog: this.#results.length }, 'writing results of SMS failed, trying again');
    }
    this.#isWriting = false;
    if (this.#results.length === 0) this.#onDrained?.();
    if (nextMs !== null) this.#schedule(nextMs);
  }

  /** Returns those that may have come before their message's answer. */
  #settle(receipts: readonly PendingReceipt[], awaited: ReadonlySet<string>): PendingReceipt[] {
    const { clock, logger } = this.#options;
    return receipts.filter(({ receipt, since, resolve }) => {
      const { providerId } = receipt;
      if (!awaited.has(providerId) && clock.monotonic() - since < earlyReceiptMs) return true;
      if (!awaited.has(providerId)) logger.debug({ providerId }, 'a receipt that nobody waits for');
      resolve();
      return false;
    });
  }
}

function notStored(): Error {
  return new InfrastructureError('the receipt was not stored', { retryable: true });
}
