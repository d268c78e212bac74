import type { Db } from '../../db/tables.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { heartbeat, markStopped, type ProcessIdentity, registerProcess } from './registry.ts';
import type { Peer, Usage } from './share.ts';
import { sweepDeadProcesses } from './sweep.ts';

/** How long processes may be silent, ms. All processes of an installation use the same. */
export type MembershipTiming = {
  readonly heartbeatMs: number;
  /** Without a heartbeat for this long a process is dead, and has stopped calling by itself before. */
  readonly leaseMs: number;
  /** How often the dead are looked for, and how soon a failed heartbeat is repeated. */
  readonly sweepMs: number;
  /** How long PostgreSQL must have been there before silence is held against anybody: after an outage all are silent. */
  readonly steadyMs: number;
};

/** Death is noticed within `leaseMs + sweepMs`, also by a process that was started after it: 15 s are allowed. */
export const defaultTiming: MembershipTiming = { heartbeatMs: 3000, leaseMs: 10_000, sweepMs: 1000, steadyMs: 8000 };

export type MembershipOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: ProcessIdentity;
  readonly timing: MembershipTiming;
  readonly scheduling: Scheduling;
  /** What this process holds or may take of limited resources at this moment; read at every heartbeat. */
  readonly usage: () => Usage;
  /** The others take this process for dead: it must end at once and write nothing more. Called once. */
  readonly onFenced: () => void;
};

/**
 * One process among those on the same database: says that it lives, knows the others, buries the dead.
 *
 * Safety rests on one comparison: a heartbeat sent at t is stored no earlier than t, and nobody marks this process dead before it is
 * `leaseMs` old. So until `t + leaseMs`, on this process's own monotonic clock, its open calls are its own and it may send an INVITE
 * ({@link mayDial}); after that, frozen or cut off, it must not. It does not end for silence alone: when PostgreSQL is away for everybody, calls
 * in progress go on, and it takes up again where it was unless its row says dead.
 *
 * A statement may reach the server long after it was sent: when the server was frozen, all that were sent meanwhile are executed at once. So
 * what is only true for a while says until when, by the server's clock: a claim ({@link claimDeadline}), and the mark of the dead, which would
 * otherwise hit everybody whose heartbeat waits in the same queue.
 */
export class Membership {
  readonly #options: MembershipOptions;
  #peers: readonly Peer[] = [];
  #timer: Timer | null = null;
  /** When the last heartbeat that was stored was sent; monotonic. */
  #beatSentAt = Number.NEGATIVE_INFINITY;
  #beatSentWallAt = Number.NEGATIVE_INFINITY;
  /** When the server stored it, by its own clock. */
  #beatStoredAt = new Date(0);
  #steadySince = Number.POSITIVE_INFINITY;
  #waitsUntil = Number.NEGATIVE_INFINITY;
  #isEnded = false;
  #isFenced = false;
  #work: Promise<void> = Promise.resolve();
  #sweeping: Promise<void> | null = null;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** All live dialers as of the last heartbeat, this process included if it is one. */
  get peers(): readonly Peer[] {
    return this.#peers;
  }

  get isFenced(): boolean {
    return this.#isFenced;
  }

  /** Whether an INVITE may be sent for a call of this process now. */
  get mayDial(): boolean {
    const { clock, timing } = this.#options;
    if (this.#isEnded || clock.monotonic() >= this.#beatSentAt + timing.leaseMs) return false;
    // The monotonic clock stands still while a virtual machine is suspended. A wall clock that is set forward costs a pause until the next heartbeat.
    return clock.now() < this.#beatSentWallAt + timing.leaseMs;
  }

  /** Until when the server may execute a claim of this process, by the server's clock: well within the lease. */
  get claimDeadline(): Date {
    return new Date(this.#beatStoredAt.getTime() + 0.8 * this.#options.timing.leaseMs);
  }

  /**
   * Whether this process may use its share of limits. One that joins others waits for a lease: by then each of them has either seen it and
   * uses less, or has not reached PostgreSQL and stopped.
   */
  get hasShare(): boolean {
    return this.mayDial && this.#options.clock.monotonic() >= this.#waitsUntil;
  }

  /** Registers; rejects when PostgreSQL cannot be reached. */
  async start(): Promise<void> {
    const { clock, db, identity, timing } = this.#options;
    const [sentAt, sentWallAt] = [clock.monotonic(), clock.now()];
    const registered = await registerProcess(db, identity);
    this.#peers = registered.peers;
    this.#beatStoredAt = registered.storedAt;
    const now = clock.monotonic();
    this.#beatSentAt = sentAt;
    this.#beatSentWallAt = sentWallAt;
    this.#steadySince = now;
    if (this.#peers.some((peer) => peer.processId !== identity.processId)) this.#waitsUntil = now + timing.leaseMs;
    this.#next();
  }

  /** The orderly end, after the last result was written. Rejects when PostgreSQL cannot be reached: the others will bury it then. */
  async stop(): Promise<void> {
    this.abandon();
    await this.#work;
    await this.#sweeping;
    if (!this.#isFenced) await markStopped(this.#options.db, this.#options.identity.processId);
  }

  /** Ends without a word, as a crash would. */
  abandon(): void {
    this.#isEnded = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #next(): void {
    if (this.#isEnded) return;
    const { clock, timing } = this.#options;
    this.#timer = clock.setTimer(
      () => {
        this.#work = this.#round().finally(() => this.#next());
      },
      Math.min(timing.sweepMs, timing.heartbeatMs),
    );
  }

  /** Never rejects. */
  async #round(): Promise<void> {
    const { clock, timing } = this.#options;
    try {
      const isDue = clock.monotonic() >= this.#beatSentAt + timing.heartbeatMs - timing.sweepMs / 2;
      if (isDue || this.#steadySince === Number.POSITIVE_INFINITY) await this.#beat();
    } catch (error) {
      this.#lostDatabase(error);
    }
    if (this.#isEnded || this.#sweeping !== null || clock.monotonic() < this.#steadySince + timing.steadyMs) return;
    // Beside the heartbeats: what a big process left open takes longer to end than a lease.
    this.#sweeping = this.#sweep()
      .catch((error: unknown) => this.#lostDatabase(error))
      .finally(() => {
        this.#sweeping = null;
      });
  }

  #lostDatabase(error: unknown): void {
    if (this.#steadySince !== Number.POSITIVE_INFINITY) {
      this.#options.logger.warn({ err: error }, 'heartbeat or sweep failed, retrying');
    }
    this.#steadySince = Number.POSITIVE_INFINITY;
  }

  /** A heartbeat on a connection that hangs is given up in time for another one on another connection. */
  async #inTime<T>(work: Promise<T>): Promise<T> {
    const { clock, timing } = this.#options;
    let timer: Timer | undefined;
    const limit = new Promise<never>((_, reject) => {
      const late = new InfrastructureError('no answer to the heartbeat', { retryable: true });
      timer = clock.setTimer(() => reject(late), timing.leaseMs / 2);
    });
    try {
      return await Promise.race([work, limit]);
    } finally {
      timer?.cancel();
    }
  }

  async #beat(): Promise<void> {
    const { clock, db, identity, usage, timing, logger, onFenced } = this.#options;
    const [sentAt, sentWallAt] = [clock.monotonic(), clock.now()];
    const result = await this.#inTime(heartbeat(db, identity.processId, usage()));
    if (this.#isEnded) return;
    if (result.storedAt === null) {
      logger.error({ processId: identity.processId }, 'this process was taken for dead');
      this.#isFenced = true;
      this.abandon();
      onFenced();
      return;
    }
    this.#peers = result.dialers;
    // Silent for longer than a lease: others may have steadied themselves meanwhile, and so must this process.
    const wasSilent = sentAt > this.#beatSentAt + timing.leaseMs;
    this.#beatSentAt = sentAt;
    this.#beatSentWallAt = sentWallAt;
    this.#beatStoredAt = result.storedAt;
    if (wasSilent || this.#steadySince === Number.POSITIVE_INFINITY) this.#steadySince = clock.monotonic();
  }

  async #sweep(): Promise<void> {
    const { db, timing, scheduling, logger } = this.#options;
    // The others were heard up to a heartbeat before this process was: half a lease later none of the living can be overdue.
    const until = new Date(this.#beatStoredAt.getTime() + timing.leaseMs / 2);
    const result = await sweepDeadProcesses(db, timing.leaseMs, scheduling, until);
    if (result.deadProcesses.length > 0 || result.endedCalls > 0) {
      logger.warn({ ...result }, 'ended what dead processes left');
    }
  }
}
