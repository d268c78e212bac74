import type { CallEngine } from '../call/engine.ts';
import { indeterminateOutcome, localOutcome } from '../call/outcome.ts';
import type { Db } from '../db/tables.ts';
import type { Membership } from '../domain/process/membership.ts';
import type { CallLedger } from '../domain/record/call-ledger.ts';
import { unmadeCall } from '../domain/record/unmade-call.ts';
import { textsAnswer } from '../domain/sms/follow-calls.ts';
import type { ClaimedCallee } from '../domain/task/claim.ts';
import { claimCallees, runnableTasks, stoppedTasks, strayCalls, writeWaitingReason } from '../domain/task/claim.ts';
import type { ClaimRequest } from '../domain/task/claim-request.ts';
import type { CallTraces } from '../domain/trace/call-traces.ts';
import { writeTrunkHealth } from '../domain/trunk/trunk-health.ts';
import { listTrunks } from '../domain/trunk/trunk-store.ts';
import { type Backoff, createBackoff } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { CallSession, type SessionLimits } from './call-session.ts';
import { allot, firstTurns } from './fair-share.ts';
import type { RecordingKeeper } from './recording-keeper.ts';
import { type TaskBoard, tasksWaiting } from './task-board.ts';
import type { TrunkPool } from './trunk-pool.ts';
import { targetOf } from './trunk-target.ts';

export type DispatcherOptions = {
  readonly db: Db;
  readonly engine: Pick<CallEngine, 'dial' | 'expectTrunks' | 'room'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  readonly membership: Pick<Membership, 'peers' | 'mayDial' | 'hasShare' | 'claimDeadline'>;
  readonly ledger: Pick<CallLedger, 'report' | 'hasRoom' | 'isPending'>;
  readonly traces: Pick<CallTraces, 'begin' | 'refresh'>;
  readonly recordings: Pick<RecordingKeeper, 'record'>;
  readonly trunks: TrunkPool;
  readonly board: TaskBoard;
  readonly limits: DispatchLimits;
};

export type DispatchLimits = SessionLimits & {
  /** The heartbeat of the loop, ms; a notification or a free channel wakes it earlier. */
  readonly tickMs: number;
  /** Between two claims at least, ms: many calls that end at once are one wake-up. */
  readonly minGapMs: number;
  /** How often tasks and trunks are read, ms. */
  readonly refreshMs: number;
  /** How often claims that got lost are looked for, ms. */
  readonly strayMs: number;
  /** Without room in the engine for this long, a task says so, ms. */
  readonly engineBusyMs: number;
  /** Callees in one claim at most. */
  readonly maxClaim: number;
};

export const defaultLimits: DispatchLimits = {
  tickMs: 50,
  minGapMs: 15,
  refreshMs: 500,
  strayMs: 10_000,
  engineBusyMs: 2000,
  maxClaim: 500,
  staleClaimMs: 5000,
  holdMs: 180_000,
  maxAttempts: 6,
};

/**
 * The loop of a dialer process. Each tick lets circuits cool down and waiting calls look for a trunk, which needs no database, and starts a round if
 * none is under way: read what changed, see how many calls may be made, deal them out, claim, dial. There is one round at a time, so
 * what a claim was given is used up or given back before the next one is sized.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #backoff: Backoff;
  readonly #sessions = new Map<string, CallSession>();
  #timer: Timer | null = null;
  #round: Promise<void> | null = null;
  #lastRoundAt = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;
  #refreshDueAt = Number.NEGATIVE_INFINITY;
  #lastEngineRoomAt: number;
  #straysDueAt: number;
  #turns = firstTurns;
  #isFailing = false;
  #isStopped = false;
  #whenEmpty: (() => void)[] = [];

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#backoff = createBackoff({ firstMs: 100, maxMs: 2000, random: options.random });
    this.#straysDueAt = options.clock.monotonic() + options.limits.strayMs;
    this.#lastEngineRoomAt = options.clock.monotonic();
  }

  /** The calls that have not ended. */
  get openCalls(): number {
    return this.#sessions.size;
  }

  start(): void {
    this.#tick();
  }

  /** A task changed: read them soon. */
  taskChanged(): void {
    this.#refreshDueAt = Number.NEGATIVE_INFINITY;
    this.wake();
  }

  /** There may be something to do before the next tick. */
  wake(): void {
    if (this.#isStopped || this.#round !== null) return;
    this.#schedule(Math.max(0, this.#lastRoundAt + this.#options.limits.minGapMs - this.#options.clock.monotonic()));
  }

  /** Starts no more calls; those that only wait are ended. Resolves when none of a claim under way is left unaccounted. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    for (const session of [...this.#sessions.values()]) session.stop('the platform is stopping');
    await this.#round;
  }

  /** Resolves when no call is open. */
  async empty(): Promise<void> {
    if (this.#sessions.size === 0) return;
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  hangUpAll(): void {
    for (const session of [...this.#sessions.values()]) session.hangUp();
  }

  /** Writes down the end of calls whose far side did not answer the hang-up. */
  giveUpAll(): void {
    for (const session of [...this.#sessions.values()]) session.giveUp();
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(() => this.#tick(), delayMs);
  }

  #tick(): void {
    if (this.#isStopped) return;
    const { trunks, limits, clock } = this.#options;
    // Before anything below may wake the loop: a wake-up replaces this timer by an earlier one.
    this.#schedule(limits.tickMs);
    trunks.tick();
    for (const session of this.#sessions.values()) session.retry();
    if (this.#round !== null || clock.monotonic() < this.#notBefore) return;
    this.#lastRoundAt = clock.monotonic();
    this.#round = this.#runRound();
  }

  /** Never rejects. */
  async #runRound(): Promise<void> {
    try {
      await this.#refreshIfDue();
      await this.#findStraysIfDue();
      await this.#claimAndDial();
      this.#isFailing = false;
      this.#backoff.reset();
    } catch (error) {
      if (!this.#isFailing) this.#options.logger.warn({ err: error }, 'looking for calls to make failed, retrying');
      this.#isFailing = true;
      const now = this.#options.clock.monotonic();
      this.#notBefore = now + this.#backoff.next();
      // What failed may have been a claim, and may have been committed all the same.
      this.#straysDueAt = Math.min(this.#straysDueAt, now + 1000);
    }
    this.#round = null;
  }

  async #refreshIfDue(): Promise<void> {
    const { db, clock, limits, traces, trunks, board, membership, processId, engine } = this.#options;
    if (clock.monotonic() < this.#refreshDueAt) return;
    // Set first: a notification that comes meanwhile makes it due again.
    this.#refreshDueAt = clock.monotonic() + limits.refreshMs;
    const [tasks, allTrunks] = [await runnableTasks(db), await listTrunks(db)];
    board.refresh(tasks);
    trunks.refresh(allTrunks, membership.peers, membership.hasShare);
    engine.expectTrunks(allTrunks.filter(({ isEnabled }) => isEnabled).map(targetOf));
    await traces.refresh();
    const called = new Set([...this.#sessions.values()].map((session) => session.call.callee.taskId));
    const stopped = new Set(await stoppedTasks(db, [...called]));
    // Those under way too: what fails now must not ring over the next trunk.
    for (const session of [...this.#sessions.values()]) {
      if (stopped.has(session.call.callee.taskId)) session.stop('the task was stopped');
    }
    const changes = trunks.healthChanges();
    try {
      await writeTrunkHealth(db, processId, changes);
    } catch (error) {
      trunks.forgetReports();
      throw error;
    }
  }

  async #findStraysIfDue(): Promise<void> {
    const { db, clock, limits, processId, ledger } = this.#options;
    if (clock.monotonic() < this.#straysDueAt) return;
    this.#straysDueAt = clock.monotonic() + limits.strayMs;
    const isKnown = (taskId: number, seq: number): boolean =>
      this.#sessions.has(`${taskId}-${seq}`) || ledger.isPending(taskId, seq);
    for (const stray of await strayCalls(db, processId, isKnown)) {
      ledger.report(unmadeCall(stray, indeterminateOutcome('tooLate', false), new Date(clock.now())));
    }
  }

  async #claimAndDial(): Promise<void> {
    const { db, clock, limits, trunks, board, membership, processId, ledger, engine } = this.#options;
    const outage = trunks.outage ?? this.#engineOutage();
    const { contenders, reasons } = board.contenders(outage, tasksWaiting(this.#sessions.values()));
    for (const { taskId, reason } of reasons) {
      try {
        await writeWaitingReason(db, taskId, reason);
      } catch (error) {
        board.forgetReason(taskId);
        throw error;
      }
    }
    if (contenders.length === 0 || this.#isStopped || !membership.hasShare || !ledger.hasRoom) return;
    const room = Math.min(trunks.room, engine.room, limits.maxClaim);
    const accountRoom = board.accountRoom(membership.peers);
    const { allotments, turns } = allot(room, contenders, accountRoom, this.#turns);
    this.#turns = turns;
    if (allotments.length === 0) return;
    const requests = allotments.flatMap(({ taskId, count }) => {
      const task = board.get(taskId)?.task;
      return task ? [{ createdDay: task.createdDay, taskId, max: count, isCharged: task.isCharged }] : [];
    });
    const claimed = await claimCallees(db, processId, requests, membership.claimDeadline);
    const claimedAt = clock.monotonic();
    for (const callee of claimed) {
      if (callee.lacksMoney) this.#endUnpaid(callee);
      else this.#open(callee, claimedAt);
    }
    // A task that gave less than it was asked for has changed: others claimed from it, it was stopped, or its account has not the means.
    if (claimed.length < requests.reduce((sum, request) => sum + request.max, 0)) this.#lookInto(requests, claimed);
  }

  #lookInto(requests: readonly ClaimRequest[], claimed: readonly ClaimedCallee[]): void {
    const given = Map.groupBy(claimed, ({ taskId }) => taskId);
    for (const { taskId, max, isCharged } of requests) {
      if ((given.get(taskId)?.length ?? 0) === max) continue;
      if (isCharged) this.#options.board.fellShort(taskId);
      else this.#refreshDueAt = Number.NEGATIVE_INFINITY;
    }
  }

  /** Why the engine takes no calls, when that lasts: for a moment it is the usual state of a busy one. */
  #engineOutage(): string | null {
    const { engine, clock, limits } = this.#options;
    const now = clock.monotonic();
    if (engine.room > 0) this.#lastEngineRoomAt = now;
    if (now - this.#lastEngineRoomAt < limits.engineBusyMs) return null;
    return 'all audio ports are in use or resting: allow more in CARILLON_RTP_PORTS';
  }

  /** Should this process die before that is written, the sweeper ends the call, as any other. */
  #endUnpaid(callee: ClaimedCallee): void {
    const { board, clock, ledger } = this.#options;
    board.claimed(callee.taskId, callee.seq);
    ledger.report(unmadeCall(callee, localOutcome('balanceUsedUp', 'the balance is used up'), new Date(clock.now())));
  }

  #open(callee: ClaimedCallee, claimedAt: number): void {
    const { board, clock, engine, traces, recordings, trunks, limits, membership, ledger, logger } = this.#options;
    const entry = board.get(callee.taskId);
    if (!entry) throw new Error(`claimed from task ${callee.taskId}, which is not on the board`);
    const { task, prompts } = entry;
    const { accountId, displayNum, plan } = task;
    const prompt = prompts.take(callee.seq, callee.variables);
    const key = `${callee.taskId}-${callee.seq}`;
    const session = new CallSession(
      { callee, accountId, displayNum, plan, claimedAt, prompt, textsAnswer: textsAnswer(task) },
      {
        engine,
        traces,
        recordings,
        trunks,
        clock,
        logger,
        limits,
        mayDial: () => membership.mayDial && board.mayCall(entry),
        report: (snapshot) => ledger.report(snapshot),
        onEnd: () => {
          this.#sessions.delete(key);
          board.closed(accountId);
          if (this.#sessions.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
          else this.wake();
        },
      },
    );
    this.#sessions.set(key, session);
    board.opened(accountId);
    board.claimed(callee.taskId, callee.seq);
    void session.begin();
    if (this.#isStopped) session.stop('the platform is stopping');
  }
}
