import type { Db } from '../db/tables.ts';
import { type ClaimedReport, claimReports, listReportTargets, releaseReports } from '../domain/report/claim-reports.ts';
import { givesUpAfterMs, giveUpReports } from '../domain/report/give-up-reports.ts';
import type { ReportTarget, ReportTry } from '../domain/report/report.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import type { AddressRule } from '../webhook/address-rule.ts';
import type { NameResolver } from '../webhook/guarded-lookup.ts';
import { createReceiver } from '../webhook/receiver.ts';
import { createSharedLookup } from '../webhook/shared-lookup.ts';
import { Lane } from './lane.ts';
import { defaultReportTiming, type ReportTiming } from './report-timing.ts';
import { ResultWriter } from './result-writer.ts';

export type ReporterOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  /** Where reports may be sent to. */
  readonly rule: AddressRule;
  /** How long a minute between two tries lasts: 60,000, and less in tests. */
  readonly minuteMs: number;
  /** How names are looked up; the system's unless a test says otherwise. */
  readonly resolve?: NameResolver;
  /** Other than {@link defaultReportTiming} in tests. */
  readonly timing?: ReportTiming;
};

/** How often what is due is looked for while there is nothing to do. */
const pollMs = 200;
/** How long a change of an app takes to be seen, and how often an installation without report URLs is looked at. */
const targetsMs = 2000;
const afterFailureMs = 1000;
const mostConnections = 64;

/**
 * Delivers reports: claims what is due, gives each app's to its {@link Lane}, and has written down what came of them. Any number of processes do this on one
 * database. What this one has claimed when it is killed, another one claims when the lease is over; what it had sent and not written down is sent
 * again: at least once, and the receiver can tell by the voice id.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #timing: ReportTiming;
  readonly #writer: ResultWriter;
  readonly #resolve: NameResolver;
  #lanes = new Map<number, Lane>();
  readonly #endings = new Set<Promise<void>>();
  #targetsReadAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #loop: Promise<void> = Promise.resolve();
  #wake: (() => void) | null = null;
  #wasWoken = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#timing = options.timing ?? defaultReportTiming;
    this.#writer = new ResultWriter(options);
    this.#resolve = createSharedLookup(options);
  }

  /** Never throws: what cannot be reached now is tried again. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Claims no more, gives back what is not under way, and waits for what is (10 s at most) and for what came of it to be written. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeUp();
    await this.#loop;
    this.#end([...this.#lanes.values()]);
    this.#lanes.clear();
    await Promise.all(this.#endings);
    await this.#writer.close();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { logger } = this.#options;
    while (!this.#isClosed) {
      try {
        await this.#readTargets();
        const hasMore = await this.#claim();
        if (!hasMore) await this.#pause(this.#lanes.size === 0 ? targetsMs : pollMs);
      } catch (error) {
        logger.warn({ err: error }, 'reports could not be claimed, retrying');
        await this.#pause(afterFailureMs);
      }
    }
  }

  /** Returns whether a lane has room again for what it may not have got. */
  async #claim(): Promise<boolean> {
    const { db, clock } = this.#options;
    this.#wasWoken = false;
    for (const lane of this.#lanes.values()) lane.look();
    if (this.#writer.isBehind) return false;
    const lanes = [...this.#lanes.values()].filter((lane) => lane.room > 0);
    const rooms = lanes.map((lane) => ({ target: lane.target, room: lane.room }));
    const claimedAt = clock.monotonic();
    const claimed = await claimReports(db, rooms, this.#timing.leaseMs);
    const byApp = Map.groupBy(claimed, (report) => report.appSeq);
    for (const { target, room } of rooms) {
      const reports = byApp.get(target.appSeq) ?? [];
      this.#lanes.get(target.appSeq)?.take(reports, claimedAt, reports.length >= room);
    }
    return this.#wasWoken;
  }

  async #readTargets(): Promise<void> {
    const { db, clock } = this.#options;
    if (clock.monotonic() < this.#targetsReadAt + targetsMs) return;
    const targets = await listReportTargets(db);
    this.#targetsReadAt = clock.monotonic();
    const lanes = new Map<number, Lane>();
    for (const target of targets) {
      const known = this.#lanes.get(target.appSeq);
      lanes.set(target.appSeq, known !== undefined && isSame(known.target, target) ? known : this.#openLane(target));
    }
    const gone = [...this.#lanes.values()].filter((lane) => lanes.get(lane.target.appSeq) !== lane);
    this.#lanes = lanes;
    this.#end(gone);
  }

  #openLane(target: ReportTarget): Lane {
    const { clock, logger, rule, minuteMs } = this.#options;
    const limits = { maxConnections: mostConnections, deadlineMs: this.#timing.deadlineMs };
    const receiver = createReceiver(new URL(target.url), { rule, clock, ...limits, resolve: this.#resolve });
    return new Lane({
      ...{ target, receiver, clock, logger, timing: this.#timing, probeEveryMs: minuteMs / 60 },
      onTried: (tried) => this.#writer.add(tried),
      onLow: () => this.#wakeUp(),
      onStillDown: (forMs, probe) => {
        if (forMs >= givesUpAfterMs(minuteMs)) void this.#giveUp(target, probe);
      },
    });
  }

  /** Never rejects: the next probe comes in a second. */
  async #giveUp({ appSeq, appId }: ReportTarget, probe: ReportTry): Promise<void> {
    const { db, logger, minuteMs, processId } = this.#options;
    try {
      const reports = await giveUpReports(db, { appSeq, minuteMs, processId, probe });
      if (reports > 0) logger.warn({ appId, reports }, 'reports given up, their receiver being down');
    } catch (error) {
      logger.warn({ err: error, appId }, 'reports could not be given up');
    }
  }

  /** Beside the loop: what is under way may take its ten seconds, and what is not is there for others meanwhile. */
  #end(lanes: readonly Lane[]): void {
    if (lanes.length === 0) return;
    const release = this.#release(lanes.flatMap((lane) => lane.stop()));
    const ending = Promise.all([release, ...lanes.map((lane) => lane.close())]).then(() => undefined);
    this.#endings.add(ending);
    void ending.finally(() => this.#endings.delete(ending));
  }

  /** Never rejects: the lease ends by itself. */
  async #release(reports: readonly ClaimedReport[]): Promise<void> {
    const { db, logger } = this.#options;
    try {
      await releaseReports(
        db,
        reports.map((report) => report.key),
      );
    } catch (error) {
      logger.warn({ err: error, reports: reports.length }, 'claimed reports could not be given back');
    }
  }

  #wakeUp(): void {
    this.#wasWoken = true;
    this.#wake?.();
  }

  async #pause(ms: number): Promise<void> {
    if (this.#wasWoken || this.#isClosed) return;
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = this.#options.clock.setTimer(resolve, ms);
    });
    timer?.cancel();
    this.#wake = null;
  }
}

function isSame(a: ReportTarget, b: ReportTarget): boolean {
  return a.url === b.url && a.secret === b.secret && a.hasBatches === b.hasBatches;
}
