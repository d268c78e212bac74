import type { Db } from '../db/tables.ts';
import { isDataError } from '../domain/error/database-error.ts';
import { type SettleOptions, settleReports, type TriedReport } from '../domain/report/settle-reports.ts';
import { createBackoff } from '../lib/backoff.ts';
import { delay } from '../lib/delay.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';

export type ResultWriterOptions = SettleOptions & {
  readonly db: Db;
  readonly random: Random;
  readonly logger: Logger;
};

/** Written at once at most. */
const batchSize = 1000;

/**
 * Writes what came of tries, in batches that are as large as what came together while the last was written. While PostgreSQL is away they wait in memory; how many
 * there can be is bounded by what was claimed, for nobody claims meanwhile ({@link isBehind}).
 */
export class ResultWriter {
  readonly #options: ResultWriterOptions;
  readonly #closing = new AbortController();
  #waiting: TriedReport[] = [];
  #isWriting = false;
  #isFailing = false;
  #written: Promise<void> = Promise.resolve();

  constructor(options: ResultWriterOptions) {
    this.#options = options;
  }

  /**
   * Nothing should be claimed now: too much waits, or the last write failed. A claim that came before the next write would find the leases of what has been delivered over,
   * and have it sent once more.
   */
  get isBehind(): boolean {
    return this.#isFailing || this.#waiting.length > 2 * batchSize;
  }

  add(tried: readonly TriedReport[]): void {
    for (const report of tried) this.#waiting.push(report);
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#written = this.#write();
  }

  /** Waits until all is written, or for the try under way when PostgreSQL is away: what is lost then is sent again. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#written;
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    const { clock, random, logger } = this.#options;
    const backoff = createBackoff({ firstMs: 100, maxMs: 3000, random });
    // The results of one turn of the event loop go together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, batchSize);
      try {
        await this.#settle(batch);
        this.#waiting = this.#waiting.slice(batch.length);
        this.#isFailing = false;
        backoff.reset();
      } catch (error) {
        this.#isFailing = true;
        const waitMs = backoff.next();
        logger.warn({ err: error, waiting: this.#waiting.length, waitMs }, 'results of reports not written, retrying');
        if (this.#closing.signal.aborted) break;
        await delay(clock, waitMs, this.#closing.signal).catch(() => undefined);
      }
    }
    this.#isWriting = false;
  }

  async #settle(batch: readonly TriedReport[]): Promise<void> {
    const { db, logger } = this.#options;
    try {
      await settleReports(db, batch, this.#options);
    } catch (error) {
      if (!isDataError(error)) throw error;
      if (batch.length > 1) {
        for (const report of batch) await this.#settle([report]);
        return;
      }
      // It is sent again when its lease is over; but it must not keep everybody else's results from being written.
      logger.error({ err: error, ...batch[0]?.key }, 'the result of a report cannot be stored and is dropped');
    }
  }
}
