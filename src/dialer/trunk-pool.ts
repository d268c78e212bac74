import type { CallEngine } from '../call/engine.ts';
import { allowanceOf, type Peer, resourceKey, shareOf } from '../domain/process/share.ts';
import { CallerIdPool } from '../domain/trunk/caller-id-pool.ts';
import { chooseTrunks, type RoutableTrunk } from '../domain/trunk/route.ts';
import type { Trunk } from '../domain/trunk/trunk.ts';
import type { TrunkHealthReport } from '../domain/trunk/trunk-health.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { allowsCall, type BreakerInput, type BreakerState, closedBreaker, isSuspect, stepBreaker } from './breaker.ts';
import { TokenBucket } from './token-bucket.ts';
import { targetOf } from './trunk-target.ts';

export type TrunkPoolOptions = {
  readonly engine: Pick<CallEngine, 'probe'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  /** A channel became free or a circuit closed: calls that wait may try again. */
  readonly onRoom: () => void;
};

/**
 * What came of the search for a trunk. `wait`: one that serves the number is there, but not at the moment; `isBusy`: because all its channels or its
 * pace are taken, so that its turn will come, and not because its circuit is open.
 */
export type TrunkSearch =
  | { readonly type: 'taken'; readonly trunk: Trunk }
  | { readonly type: 'wait'; readonly isBusy: boolean }
  | { readonly type: 'none'; readonly reason: string };

/** How a call over a trunk went, as far as the trunk is concerned. */
export type TrunkVerdict = Extract<BreakerInput, { type: 'good' | 'bad' | 'neutral' }>;

/** suspect: it failed, and whether it was the trunk is being found out; down: no calls now; trial: one call may find out whether it is back. */
export type TrunkCondition = 'up' | 'suspect' | 'down' | 'trial';

type Entry = {
  trunk: Trunk;
  readonly bucket: TokenBucket;
  callerIds: CallerIdPool;
  breaker: BreakerState;
  /** Channels in use by this process. */
  active: number;
  /** Channels that it may use. */
  allowed: number;
  reported: string;
};

/** How long a probe may take; Timer F of RFC 3261 would be 32 s. */
const probeTimeoutMs = 2000;

/** This process's part of all trunks: channels, pace, circuits. */
export class TrunkPool {
  readonly #options: TrunkPoolOptions;
  readonly #entries = new Map<number, Entry>();
  readonly #abort = new AbortController();

  constructor(options: TrunkPoolOptions) {
    this.#options = options;
  }

  /** Takes over what the operators say and what the other processes hold. A trunk that is gone keeps its calls until they end. */
  refresh(trunks: readonly Trunk[], peers: readonly Peer[], hasShare: boolean): void {
    const { clock, processId } = this.#options;
    const live = peers.map((peer) => peer.processId);
    for (const trunk of trunks) {
      const rate = hasShare ? shareOf(trunk.maxCps, live, processId) : 0;
      const entry = this.#entries.get(trunk.trunkId) ?? {
        trunk,
        bucket: new TokenBucket(clock, rate),
        callerIds: new CallerIdPool(trunk),
        breaker: closedBreaker,
        active: 0,
        allowed: 0,
        reported: '',
      };
      entry.trunk = trunk;
      if (!entry.callerIds.isOf(trunk)) entry.callerIds = new CallerIdPool(trunk);
      entry.bucket.setRate(rate);
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
  }

  /** How many calls may be started now over all trunks. */
  get room(): number {
    let room = 0;
    for (const entry of this.#entries.values()) {
      if (!entry.trunk.isEnabled || !allowsCall(entry.breaker)) continue;
      const free = Math.max(0, Math.min(entry.allowed - entry.active, entry.bucket.available));
      room += entry.breaker.name === 'half-open' ? Math.min(1, free) : free;
    }
    return room;
  }

  /** Why no call can be made whatever the pace; null: it can. */
  get outage(): string | null {
    const enabled = [...this.#entries.values()].filter((entry) => entry.trunk.isEnabled);
    if (enabled.length === 0) return 'no trunk is set up';
    if (enabled.some((entry) => entry.breaker.name === 'closed' || entry.breaker.name === 'half-open')) return null;
    const reasons = enabled.map((entry) => `${entry.trunk.name} (${entry.breaker.reason ?? 'unknown'})`);
    return `all trunks are down: ${reasons.join(', ')}`;
  }

  /** Takes a channel and a call's place in the pace on the best trunk for the number that is not in `tried`. */
  take(number: string, tried: ReadonlySet<number>): TrunkSearch {
    const serving = this.#serving(number);
    if (serving.length === 0) return { type: 'none', reason: 'no trunk serves the number' };
    const left = serving.filter((entry) => !tried.has(entry.trunk.trunkId));
    if (left.length === 0) return { type: 'none', reason: 'all trunks were tried' };
    const isBusy = left.some((entry) => entry.breaker.name === 'closed');
    for (const entry of left) {
      if (!allowsCall(entry.breaker) || entry.active >= entry.allowed || !entry.bucket.take()) continue;
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
    if (entry.breaker.name !== 'closed') return allowsCall(entry.breaker) ? 'trial' : 'down';
    return isSuspect(entry.breaker, this.#options.clock.monotonic()) ? 'suspect' : 'up';
  }

  /** What a call in progress shows of its trunk, before it ends. */
  observe(trunkId: number, verdict: TrunkVerdict): void {
    const entry = this.#entries.get(trunkId);
    if (entry) this.#step(entry, verdict);
  }

  /** Gives the channel back. */
  release(trunkId: number, verdict: TrunkVerdict): void {
    const entry = this.#entries.get(trunkId);
    if (!entry) return;
    entry.active -= 1;
    this.#step(entry, verdict);
    this.#options.onRoom();
  }

  /** Lets circuits cool down; call it every tick. */
  tick(): void {
    for (const entry of this.#entries.values()) this.#step(entry, { type: 'tick' });
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
    for (const [trunkId, entry] of this.#entries) {
      const report = { trunkId, activeCalls: entry.active, ...healthOf(entry.breaker) };
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

  /** Gives up probes under way. */
  close(): void {
    this.#abort.abort(new Error('the dialer is stopping'));
  }

  /** The trunks that carry the number, best first. */
  #serving(number: string): Entry[] {
    type Candidate = RoutableTrunk & { readonly entry: Entry };
    const candidates: Candidate[] = [];
    for (const entry of this.#entries.values()) {
      const { trunkId, prefixes, priority, weight, isEnabled } = entry.trunk;
      // Circuits are looked at afterwards: a number whose trunk is down waits, one that nobody serves does not.
      candidates.push({ trunkId, prefixes, priority, weight, isEnabled, isHealthy: true, entry });
    }
    return chooseTrunks(number, candidates, this.#options.random).map((candidate) => candidate.entry);
  }

  #step(entry: Entry, input: BreakerInput): void {
    const before = entry.breaker;
    const { state, actions } = stepBreaker(before, input, this.#options.clock.monotonic());
    entry.breaker = state;
    if (state.name !== before.name) {
      const fields = {
        trunkId: entry.trunk.trunkId,
        trunk: entry.trunk.name,
        circuit: state.name,
        reason: state.reason,
      };
      this.#options.logger.warn(fields, 'trunk circuit changed');
      if (allowsCall(state)) this.#options.onRoom();
    }
    for (const action of actions) {
      if (action.type === 'probe') void this.#probe(entry);
    }
  }

  /** Never rejects. */
  async #probe(entry: Entry): Promise<void> {
    const limit = new AbortController();
    const timer = this.#options.clock.setTimer(() => limit.abort(new Error('no answer to OPTIONS')), probeTimeoutMs);
    const signal = AbortSignal.any([limit.signal, this.#abort.signal]);
    let isAnswered = false;
    try {
      isAnswered = (await this.#options.engine.probe(targetOf(entry.trunk), signal)) !== null;
    } catch (error) {
      this.#options.logger.debug({ err: error, trunk: entry.trunk.name }, 'probe of a trunk failed');
    }
    timer.cancel();
    if (!this.#abort.signal.aborted) this.#step(entry, { type: 'probe-result', isAnswered });
  }
}

function healthOf(breaker: BreakerState): Pick<TrunkHealthReport, 'state' | 'reason'> {
  switch (breaker.name) {
    case 'closed':
      return { state: 'up', reason: null };
    case 'open':
      return { state: 'down', reason: breaker.reason };
    case 'probing':
    case 'half-open':
      return { state: 'probing', reason: breaker.reason };
  }
}
