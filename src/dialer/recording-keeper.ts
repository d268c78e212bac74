import type { Leg } from '../call/engine.ts';
import type { LegRecording } from '../call/leg-recording.ts';
import type { Db } from '../db/tables.ts';
import type { CallKey } from '../domain/record/voice-id.ts';
import { recordingBlobName } from '../domain/recording/recording-name.ts';
import { writeRecording } from '../domain/recording/recording-store.ts';
import { type Backoff, createBackoff } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import type { BlobUploader } from '../storage/blob-uploader.ts';
import { RecordingSpool, type SpooledRecording } from './recording-spool.ts';

export type RecordingKeeperOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  readonly uploader: Pick<BlobUploader, 'kind' | 'put'>;
  /** Where recordings wait for being stored; absolute. */
  readonly spoolFolder: string;
  /** With so much waiting, nothing more is recorded. */
  readonly maxSpoolBytes: number;
};

/** How often the spool is looked through, and what dead processes left is taken over, ms. */
const lookEveryMs = 15_000;
/** Uploads at once. */
const lanes = 4;
/** Losses that wait for being written; beyond these they are only logged, and found out a day later. */
const mostLosses = 10_000;

const cutProblem = 'its end is missing: the process that recorded it died';

/**
 * Has calls recorded into the spool, and brings what is finished from there into the store, oldest first, with its row: file, row, and only then is it taken out of the spool. While store or database are
 * away it waits and tries again with backoff, for as long as it takes. It owns nothing but its timer; a recording is never waited for by a call.
 */
export class RecordingKeeper {
  readonly #options: RecordingKeeperOptions;
  readonly #spool: RecordingSpool;
  readonly #backoff: Backoff;
  /** Being recorded by this process: by file, what resolves when it is over. */
  readonly #open = new Map<string, Promise<void>>();
  /** What is wrong with finished ones, by file. */
  readonly #problems = new Map<string, string>();
  #losses: { readonly key: CallKey; readonly problem: string }[] = [];
  #spoolBytes = 0;
  #tookOverAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | null = null;
  #working: Promise<void> | null = null;
  #isWanted = false;
  #isFailing = false;
  #isClosed = false;

  constructor(options: RecordingKeeperOptions) {
    this.#options = options;
    this.#spool = new RecordingSpool({ folder: options.spoolFolder, processId: options.processId });
    this.#backoff = createBackoff({ firstMs: 1000, maxMs: 60_000, random: options.random });
  }

  /** Makes the spool's folder and begins. Rejects when the folder cannot be made. */
  async start(): Promise<void> {
    await this.#spool.open();
    this.#schedule(0);
  }

  /** Has an answered call recorded to its end. */
  record(key: CallKey, leg: Pick<Leg, 'record'>): void {
    if (this.#spoolBytes >= this.#options.maxSpoolBytes) {
      this.#lose(key, 'too much recorded audio waits for being stored');
      return;
    }
    const file = this.#spool.fileOf(key);
    const ended = leg.record(file).then((recording) => this.#ended(key, file, recording));
    this.#open.set(file, ended);
  }

  /**
   * Brings everything into the store that has ended; gives up at the first failure, and after `limitMs`. What is left waits for another process of this
   * machine. Never rejects.
   */
  async drain(limitMs: number): Promise<void> {
    let limit: Timer | undefined;
    const over = new Promise<void>((resolve) => {
      limit = this.#options.clock.setTimer(resolve, limitMs);
    });
    await Promise.race([this.#storeAll(), over]);
    limit?.cancel();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  async #storeAll(): Promise<void> {
    await Promise.all(this.#open.values());
    await this.#working;
    await this.#work();
  }

  #ended(key: CallKey, file: string, recording: LegRecording): void {
    this.#open.delete(file);
    if (!recording.isKept) this.#lose(key, recording.problem);
    else if (recording.problem !== null) this.#problems.set(file, recording.problem);
    if (!this.#isFailing) this.#schedule(0);
  }

  #lose(key: CallKey, problem: string): void {
    const { taskId, seq } = key;
    this.#options.logger.warn({ taskId, seq, problem }, 'a recording is lost');
    if (this.#losses.length < mostLosses) this.#losses.push({ key, problem });
    if (!this.#isFailing) this.#schedule(0);
  }

  /** One turn at a time; what is asked for during one is done after it. */
  #schedule(delayMs: number): void {
    if (this.#isClosed) return;
    if (this.#working !== null) {
      this.#isWanted = true;
      return;
    }
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(() => {
      this.#timer = null;
      this.#working = this.#work().then(() => this.#next());
    }, delayMs);
  }

  #next(): void {
    const isWanted = this.#isWanted;
    this.#isWanted = false;
    this.#working = null;
    if (this.#isFailing) this.#schedule(this.#backoff.next());
    else this.#schedule(isWanted ? 0 : lookEveryMs);
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    try {
      await this.#takeOver();
      await this.#writeLosses();
      const { finished, totalBytes } = await this.#spool.look();
      this.#spoolBytes = totalBytes;
      await this.#store(finished);
      this.#isFailing = false;
      this.#backoff.reset();
    } catch (error) {
      const { logger } = this.#options;
      if (!this.#isFailing)
        logger.warn({ err: error, reason: messageOf(error) }, 'storing recordings failed, retrying');
      this.#isFailing = true;
    }
  }

  /** What dead processes of this machine left, and what a dead recorder of this one did. */
  async #takeOver(): Promise<void> {
    const { db, clock } = this.#options;
    if (clock.monotonic() - this.#tookOverAt < lookEveryMs) return;
    const rows = await db.selectFrom('process').select('process_id').where('status', '=', 'live').execute();
    const live = new Set(rows.map((row) => row.process_id));
    const empty = await this.#spool.adopt(
      (processId) => live.has(processId),
      (file) => this.#open.has(file),
    );
    for (const key of empty)
      this.#losses.push({ key, problem: 'the process that recorded it died, and nothing was on the disk' });
    this.#tookOverAt = clock.monotonic();
  }

  async #writeLosses(): Promise<void> {
    for (let next = this.#losses[0]; next !== undefined; next = this.#losses[0]) {
      await writeRecording(this.#options.db, next.key, { state: 'lost', problem: next.problem });
      this.#losses.shift();
    }
  }

  /** Several at once, begun in order. Rejects with the first failure, when those under way have ended. */
  async #store(finished: readonly SpooledRecording[]): Promise<void> {
    const waiting = finished.values();
    let failure: { readonly error: unknown } | null = null;
    const lane = async (): Promise<void> => {
      for (const recording of waiting) {
        if (failure !== null || this.#isClosed) return;
        try {
          await this.#storeOne(recording);
        } catch (error) {
          failure ??= { error };
        }
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
  }

  /** May be done again after it was cut off anywhere. */
  async #storeOne(recording: SpooledRecording): Promise<void> {
    const { db, uploader, logger } = this.#options;
    const { key, file, bytes, isCut } = recording;
    const blobName = recordingBlobName(key);
    const durationMs = await this.#spool.durationOf(recording);
    await uploader.put(blobName, file);
    const isKnown = await writeRecording(db, key, {
      ...{ state: 'stored', store: uploader.kind, blobName, bytes, durationMs },
      problem: isCut ? cutProblem : (this.#problems.get(file) ?? null),
    });
    // Not of this database, or of a call that was deleted meanwhile.
    if (!isKnown)
      logger.warn({ taskId: key.taskId, seq: key.seq, blobName }, 'a recording of an unknown call was stored');
    await this.#spool.remove(recording);
    this.#problems.delete(file);
    this.#spoolBytes = Math.max(0, this.#spoolBytes - bytes);
  }
}
