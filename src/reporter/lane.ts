import { randomUUID } from 'node:crypto';
import type { ClaimedReport } from '../domain/report/claim-reports.ts';
import { largestBatch, type ReportTarget, type ReportTry } from '../domain/report/report.ts';
import type { TriedReport } from '../domain/report/settle-reports.ts';
import type { Clock } from '../lib/clock.ts';
import { assertNever } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Receiver } from '../webhook/receiver.ts';
import { signedHeaders } from '../webhook/signed-headers.ts';
import { firstPace, type LanePace, step } from './lane-pace.ts';
import type { ReportTiming } from './report-timing.ts';

export type LaneOptions = {
  readonly target: ReportTarget;
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: ReportTiming;
  /** See {@link LanePace}. */
  readonly probeEveryMs: number;
  /** What came of one POST, for each of its reports. */
  readonly onTried: (tried: readonly TriedReport[]) => void;
  /** The queue has run low while there may be more. */
  readonly onLow: () => void;
  /** A probe has failed, the receiver having been down for so long. */
  readonly onStillDown: (forMs: number, probe: ReportTry) => void;
};

/** The most POSTs at once, where each is one report and where it is a hundred. */
const mostPosts = { single: 64, batch: 8 };
/** How many times what is under way is held in all: while the next are fetched, nobody is idle. */
const depth = 4;
/** How much smaller an array is after a failure. */
const failedShare = 10;

/** Claimed at that time of the monotonic clock, at the latest. */
type Queued = { readonly report: ClaimedReport; readonly claimedAt: number };

/** One app's reports on their way to its receiver, the oldest first, and as many at once as the receiver bears ({@link LanePace}). */
export class Lane {
  readonly target: ReportTarget;
  readonly #options: LaneOptions;
  #queue: Queued[] = [];
  #pace: LanePace = firstPace;
  #posts = 0;
  #reportsUnderWay = 0;
  #mayHaveMore = false;
  #isStopped = false;
  #whenIdle: (() => void) | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.target = options.target;
  }

  /** How many reports to claim for it now. Nothing until half of what it may hold is gone, so that claims stay few. */
  get room(): number {
    if (this.#isStopped || this.#isWaiting) return 0;
    const perPost = this.#perPost;
    const size = this.#pace.state === 'down' ? perPost : this.#pace.limit * perPost * depth;
    const held = this.#queue.length + this.#reportsUnderWay;
    return held > size / 2 ? 0 : size - held;
  }

  /** Time has passed: what waits for it may be sent now. */
  look(): void {
    this.#pump();
  }

  /** Takes what was claimed for it. `mayHaveMore`: as many as it had room for. */
  take(reports: readonly ClaimedReport[], claimedAt: number, mayHaveMore: boolean): void {
    this.#mayHaveMore = mayHaveMore;
    for (const report of reports) this.#queue.push({ report, claimedAt });
    this.#pump();
  }

  /** Begins no POST any more. Returns what was not sent, for others to send. */
  stop(): ClaimedReport[] {
    this.#isStopped = true;
    return this.#queue.splice(0).map(({ report }) => report);
  }

  /** Waits for what is under way, once it is stopped. */
  async close(): Promise<void> {
    if (this.#posts > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await this.#options.receiver.close();
  }

  get #perPost(): number {
    return this.target.hasBatches ? largestBatch : 1;
  }

  /** Down, and the time of the next probe has not come. */
  get #isWaiting(): boolean {
    const { state, nextProbeAt } = this.#pace;
    return state === 'down' && (this.#posts > 0 || this.#options.clock.monotonic() < nextProbeAt);
  }

  #pump(): void {
    this.#dropStale();
    while (!this.#isStopped && this.#queue.length > 0 && this.#posts < this.#pace.limit && !this.#isWaiting) {
      const batch = this.#nextBatch();
      this.#posts += 1;
      this.#reportsUnderWay += batch.length;
      // Never rejects.
      void this.#post(batch);
    }
    if (this.#mayHaveMore && this.room > 0) {
      this.#mayHaveMore = false;
      this.#options.onLow();
    }
  }

  /**
   * Of an array the receiver takes all or nothing, and one report that it cannot stand would have 99 others die with it: those that have failed before go in
   * smaller ones, with others that have, and after the second failure each goes by itself.
   */
  #nextBatch(): ClaimedReport[] {
    const [tries, size] = [this.#queue[0]?.report.tries ?? 0, this.#perPost];
    const most = Math.max(1, Math.floor(size / failedShare ** Math.min(tries, 2)));
    const end = this.#queue.findIndex(
      ({ report }, nth) => nth === most || Math.min(report.tries, 2) !== Math.min(tries, 2),
    );
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end).map(({ report }) => report);
  }

  /** A POST begun now could outlast the lease of these, and somebody else send them meanwhile: they are left to whoever claims them next. */
  #dropStale(): void {
    const { leaseMs, deadlineMs, marginMs } = this.#options.timing;
    const oldest = this.#options.clock.monotonic() - (leaseMs - deadlineMs - marginMs);
    const isStale = ({ claimedAt }: Queued): boolean => claimedAt < oldest;
    if (this.#queue.some(isStale)) this.#queue = this.#queue.filter((queued) => !isStale(queued));
  }

  async #post(batch: readonly ClaimedReport[]): Promise<void> {
    const { clock, receiver, onTried } = this.#options;
    const bodies = batch.map((report) => report.body);
    const body = JSON.stringify(this.target.hasBatches ? bodies : bodies[0]);
    const deliveryId = randomUUID();
    const startedAt = clock.monotonic();
    const headers = signedHeaders(body, { secret: this.target.secret, deliveryId, now: new Date(clock.now()) });
    const result = await receiver.post(body, headers);
    this.#adapt({ deliveryId, ...result });
    this.#posts -= 1;
    this.#reportsUnderWay -= batch.length;
    onTried(batch.map(({ key, tries }) => ({ key, tries, startedAt, result: { deliveryId, ...result } })));
    if (this.#posts === 0) this.#whenIdle?.();
    this.#pump();
  }

  #adapt(result: ReportTry): void {
    const { clock, logger, probeEveryMs, onStillDown } = this.#options;
    const { problem, tookMs, httpStatus } = result;
    const input = { tookMs, wasFull: this.#posts >= this.#pace.limit, at: clock.monotonic() };
    const most = this.target.hasBatches ? mostPosts.batch : mostPosts.single;
    const { pace, actions } = step(
      this.#pace,
      { type: problem === null ? 'delivered' : 'failed', ...input },
      { most, probeEveryMs },
    );
    this.#pace = pace;
    const { appId } = this.target;
    for (const action of actions) {
      switch (action.type) {
        case 'wentDown':
          logger.warn({ appId, problem, httpStatus }, 'report receiver is down, probing it');
          break;
        case 'stillDown':
          onStillDown(action.forMs, result);
          break;
        case 'cameBack':
          logger.info({ appId }, 'report receiver is back');
          break;
        default:
          assertNever(action);
      }
    }
  }
}
