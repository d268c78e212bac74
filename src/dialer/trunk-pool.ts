import type { CallEngine } from '../call/engine.ts';
import { allowanceOf, type Peer, resourceKey, shareOf } from '../domain/process/share.ts';
import { CallerIdPool } from '../domain/trunk/caller-id-pool.ts';
import { chooseTrunks, type RoutableTrunk } from '../domain/trunk/route.ts';
import type { Trunk } from '../domain/trunk/trunk.ts';
import type { TrunkHealthReport } from '../domain/trunk/trunk-health.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { TokenBucket } from '../lib/token-bucket.ts';
import {
  type BreakerInput,
  type BreakerState,
  callsAllowed,
  closedBreaker,
  isSuspect,
  stepBreaker,
} from './breaker.ts';
import { TrunkProbe } from './trunk-probe.ts';
import { TrunkRegistrar } from './trunk-registrar.ts';
import { registrationProblem, reportOf } from './trunk-report.ts';

export type TrunkPoolOptions = {
  readonly engine: Pick<CallEngine, 'probe' | 'register'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  /** A channel became free, a circuit closed or a trunk is registered: calls that wait may try again. */
  readonly onRoom: () => void;
};

/**
 * What came of the search for a trunk. `wait`: one that serves the number is there, but not at the moment; `isBusy`: because all its channels or its
 * pace are taken, so that its turn will come, and not because its circuit is open or it is not registered.
 */
export type TrunkSearch =
  | { readonly type: 'taken'; readonly trunk: Trunk }
  | { readonly type: 'wait'; readonly isBusy: boolean }
  | { readonly type: 'none'; readonly reason: string };

/** How a call over a trunk went, as far as the trunk is concerned; told once for each call. */
export type TrunkVerdict = Extract<BreakerInput, { type: 'good' | 'bad' | 'refused' | 'neutral' }>;

/** suspect: it failed, and whether it was the trunk is being found out; down: no calls now; trial: a few calls may find out whether it is back. */
export type TrunkCondition = 'up' | 'suspect' | 'down' | 'trial';

type Entry = {
  trunk: Trunk;
  readonly bucket: TokenBucket;
  callerIds: CallerIdPool;
  readonly probe: TrunkProbe;
  breaker: BreakerState;
  /** When the circuit became what it is, ms since the epoch. */
  circuitSince: number;
  /** When an open one is looked at again, ms since the epoch. */
  circuitUntil: number;
  /** Channels in use by this process. */
  active: number;
  /** Channels that it may use. */
  allowed: number;
  reported: string;
};

/** This process's part of all trunks: channels, pace, circuits, registrations. */
export class TrunkPool {
  readonly #options: TrunkPoolOptions;
  readonly #entries = new Map<number, Entry>();
  readonly #abort = new AbortController();
  readonly #registrar: TrunkRegistrar;

  constructor(options: TrunkPoolOptions) {
    this.#options = options;
    const { engine, logger, onRoom } = options;
    this.#registrar = new TrunkRegistrar({ engine, logger, onRegistered: onRoom });
  }

  /** Takes over what the operators say and what the other processes hold. A trunk that is gone keeps its calls until they end. */
  refresh(trunks: readonly Trunk[], peers: readonly Peer[], hasShare: boolean): void {
    const { processId } = this.#options;
    const live = peers.map((peer) => peer.processId);
    for (const trunk of trunks) {
      const rate = hasShare ? shareOf(trunk.maxCps, live, processId) : 0;
      const entry = this.#entries.get(trunk.trunkId) ?? this.#newEntry(trunk, rate);
      entry.trunk = trunk;
      if (!entry.callerIds.isOf(trunk)) entry.callerIds = new CallerIdPool(trunk);
      entry.bucket.setRate(rate);
      entry.probe.setInterval(trunk.isEnabled ? trunk.optionsIntervalS : 0);
      entry.allowed = hasShare
        ? allowanceOf(trunk.maxChannels, resourceKey('trunk', trunk.trunkId), peers, processId)
        : 0;
      this.#entries.set(trunk.trunkId, entry);
    }
    const known = new Set(trunks.map((trunk) => trunk.trunkId));
    for (const [trunkId, entry] of this.#entries) {
      if (!known.has(trunkId) && entry.active === 0) this.#entries.delete(trunkId);
      else if (!known.has(trunkId)) entry.trunk = { ...entry.trunk, isEnabled: false };
    }
    this.#registrar.refresh(trunks);
  }

  /** How many calls may be started now over all trunks. */
  get room(): number {
    let room = 0;
    for (const entry of this.#entries.values()) {
      if (!entry.trunk.isEnabled) continue;
      const free = Math.min(entry.allowed - entry.active, entry.bucket.available, this.#callsAllowed(entry));
      room += Math.max(0, free);
    }
    return room;
  }

  /** Why no call can be made whatever the pace; null: it can. */
  get outage(): string | null {
    const enabled = [...this.#entries.values()].filter((entry) => entry.trunk.isEnabled);
    if (enabled.length === 0) return 'no trunk is set up';
    const problems = enabled.map((entry) => ({ name: entry.trunk.name, problem: this.#problemOf(entry) }));
    if (problems.some(({ problem }) => problem === null)) return null;
    const reasons = problems.map(({ name, problem }) => `${name} (${problem})`);
    return `all trunks are down: ${reasons.join(', ')}`;
  }

  /** Takes a channel and a call's place in the pace on the best trunk for the number that is not in `tried`. */
  take(number: string, tried: ReadonlySet<number>): TrunkSearch {
    const serving = this.#serving(number);
    if (serving.length === 0) return { type: 'none', reason: 'no trunk serves the number' };
    const left = serving.filter((entry) => !tried.has(entry.trunk.trunkId));
    if (left.length === 0) return { type: 'none', reason: 'all trunks were tried' };
    const isBusy = left.some((entry) => entry.breaker.name === 'closed' && this.#isRegistered(entry));
    for (const entry of left) {
      if (this.#callsAllowed(entry) <= 0 || entry.active >= entry.allowed || !entry.bucket.take()) continue;
      entry.active += 1;
      this.#step(entry, { type: 'trial' });
      return { type: 'taken', trunk: entry.trunk };
    }
    return { type: 'wait', isBusy };
  }

  /** Whom a call over the trunk shows when its task does not say; null: the trunk has no caller ids. */
  callerIdFor(trunkId: number, number: string): string | null {
    return this.#entries.get(trunkId)?.callerIds.choose(number) ?? null;
  }

  /** How the trunk is, for a call that failed over it. */
  conditionOf(trunkId: number): TrunkCondition {
    const entry = this.#entries.get(trunkId);
    if (!entry) return 'up';
    if (this.#callsAllowed(entry) <= 0) return 'down';
    if (entry.breaker.name !== 'closed') return 'trial';
    return isSuspect(entry.breaker, this.#options.clock.monotonic()) ? 'suspect' : 'up';
  }

  /** What a call in progress shows of its trunk, before it ends. */
  observe(trunkId: number, verdict: TrunkVerdict): void {
    const entry = this.#entries.get(trunkId);
    if (entry) this.#step(entry, verdict);
  }

  /** Gives the channel back; `verdict` null: it was told before. */
  release(trunkId: number, verdict: TrunkVerdict | null): void {
    const entry = this.#entries.get(trunkId);
    if (!entry) return;
    entry.active -= 1;
    if (verdict !== null) this.#step(entry, verdict);
    this.#options.onRoom();
  }

  /** Lets circuits cool down, and asks the trunks whose time has come; call it every tick. */
  tick(): void {
    for (const entry of this.#entries.values()) {
      this.#step(entry, { type: 'tick' });
      // An open circuit has probes of its own.
      if (entry.breaker.name === 'closed' && entry.probe.isDue) void this.#probe(entry);
    }
  }

  /** What this process holds or may come to hold, for the others (see {@link allowanceOf}). */
  usage(): Record<string, number> {
    const usage: Record<string, number> = {};
    for (const [trunkId, entry] of this.#entries) {
      usage[resourceKey('trunk', trunkId)] = Math.max(entry.active, entry.allowed);
    }
    return usage;
  }

  /** What changed since it was last asked. */
  healthChanges(): TrunkHealthReport[] {
    const reports: TrunkHealthReport[] = [];
    const now = this.#options.clock.monotonic();
    for (const [trunkId, entry] of this.#entries) {
      const registration = this.#registrar.statusOf(entry.trunk);
      const { breaker, circuitSince, circuitUntil, active: activeCalls } = entry;
      const facts = {
        trunkId,
        activeCalls,
        breaker,
        circuitSince,
        circuitUntil,
        registration,
        probe: entry.probe.last,
      };
      const report = reportOf(facts, now);
      const text = JSON.stringify(report);
      if (text === entry.reported) continue;
      entry.reported = text;
      reports.push(report);
    }
    return reports;
  }

  /** The last reports did not arrive: all of them are due again. */
  forgetReports(): void {
    for (const entry of this.#entries.values()) entry.reported = '';
  }

  /** Gives up probes under way, and takes registrations back. */
  close(): void {
    this.#registrar.close();
    this.#abort.abort(new Error('the dialer is stopping'));
  }

  /** The trunks that carry the number, best first. */
  #serving(number: string): Entry[] {
    type Candidate = RoutableTrunk & { readonly entry: Entry };
    const candidates: Candidate[] = [];
    for (const entry of this.#entries.values()) {
      const { trunkId, prefixes, priority, weight, isEnabled } = entry.trunk;
      candidates.push({ trunkId, prefixes, priority, weight, isEnabled, entry });
    }
    return chooseTrunks(number, candidates, this.#options.random).map((candidate) => candidate.entry);
  }

  #newEntry(trunk: Trunk, rate: number): Entry {
    const { clock } = this.#options;
    return {
      trunk,
      bucket: new TokenBucket(clock, rate),
      callerIds: new CallerIdPool(trunk),
      probe: new TrunkProbe(this.#options),
      breaker: closedBreaker,
      circuitSince: clock.now(),
      circuitUntil: 0,
      active: 0,
      allowed: 0,
      reported: '',
    };
  }

  #isRegistered(entry: Entry): boolean {
    return registrationProblem(this.#registrar.statusOf(entry.trunk)) === null;
  }

  #callsAllowed(entry: Entry): number {
    return this.#isRegistered(entry) ? callsAllowed(entry.breaker) : 0;
  }

  /** Why the trunk takes no calls; null: it does, or a few are to find out. */
  #problemOf({ trunk, breaker }: Entry): string | null {
    const problem = registrationProblem(this.#registrar.statusOf(trunk));
    if (problem !== null || breaker.name === 'closed' || breaker.name === 'half-open') return problem;
    return breaker.reason ?? 'unknown';
  }

  #step(entry: Entry, input: BreakerInput): void {
    const { clock, logger, onRoom } = this.#options;
    const before = entry.breaker;
    const now = clock.monotonic();
    const { breakerFailures: failures, breakerFailurePercent: failurePercent } = entry.trunk;
    const { state, actions } = stepBreaker(before, input, { now, settings: { failures, failurePercent } });
    entry.breaker = state;
    if (state.until !== before.until) entry.circuitUntil = clock.now() + state.until - now;
    if (state.name !== before.name) {
      entry.circuitSince = clock.now();
      const { trunkId, name } = entry.trunk;
      logger.warn({ trunkId, trunk: name, circuit: state.name, reason: state.reason }, 'trunk circuit changed');
    }
    // A circuit that closed, or a new round of trials.
    if (callsAllowed(state) > callsAllowed(before)) onRoom();
    for (const action of actions) if (action.type === 'probe') void this.#probe(entry);
  }

  /** Never rejects. */
  async #probe(entry: Entry): Promise<void> {
    const isAnswered = await entry.probe.ask(entry.trunk, this.#abort.signal);
    if (isAnswered === null || this.#abort.signal.aborted) return;
    this.#step(entry, { type: 'probe-result', isAnswered });
  }
}
