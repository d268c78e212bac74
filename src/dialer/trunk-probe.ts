import type { CallEngine } from '../call/engine.ts';
import type { Trunk } from '../domain/trunk/trunk.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { targetOf } from './trunk-target.ts';

export type TrunkProbeDeps = {
  readonly engine: Pick<CallEngine, 'probe'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
};

/** What came of one OPTIONS. */
export type ProbeResult = {
  /** ms since the epoch. */
  readonly at: number;
  /** null: nothing came back in time. */
  readonly status: number | null;
  /** From the sending to the answer, ms; null: none. */
  readonly roundTripMs: number | null;
};

/** How long a probe may take; Timer F of RFC 3261 would be 32 s. */
const probeTimeoutMs = 2000;

/** The OPTIONS of one trunk: when the next is due, and what came of the last. One at a time. */
export class TrunkProbe {
  readonly #deps: TrunkProbeDeps;
  #intervalMs = 0;
  /** Monotonic ms. */
  #dueAt = Number.POSITIVE_INFINITY;
  #isUnderWay = false;
  #last: ProbeResult | null = null;

  constructor(deps: TrunkProbeDeps) {
    this.#deps = deps;
  }

  get last(): ProbeResult | null {
    return this.#last;
  }

  /** 0: none but those that are asked for. The first comes at any time within the interval, so that many trunks and processes spread out. */
  setInterval(seconds: number): void {
    if (seconds * 1000 === this.#intervalMs) return;
    this.#intervalMs = seconds * 1000;
    const { clock, random } = this.#deps;
    this.#dueAt = seconds === 0 ? Number.POSITIVE_INFINITY : clock.monotonic() + random.float() * this.#intervalMs;
  }

  get isDue(): boolean {
    return !this.#isUnderWay && this.#deps.clock.monotonic() >= this.#dueAt;
  }

  /** Whether somebody is there; null: it is being asked already. Never rejects. An abort gives it up, and it counts as silent. */
  async ask(trunk: Trunk, signal: AbortSignal): Promise<boolean | null> {
    if (this.#isUnderWay) return null;
    this.#isUnderWay = true;
    const { clock, random } = this.#deps;
    if (this.#intervalMs > 0) this.#dueAt = clock.monotonic() + this.#intervalMs * (0.9 + random.float() / 5);
    const sentAt = clock.monotonic();
    const status = await this.#statusOf(trunk, signal);
    this.#isUnderWay = false;
    if (signal.aborted) return false;
    const roundTripMs = status === null ? null : Math.round(clock.monotonic() - sentAt);
    this.#last = { at: clock.now(), status, roundTripMs };
    return isAlive(status);
  }

  async #statusOf(trunk: Trunk, signal: AbortSignal): Promise<number | null> {
    const { engine, clock, logger } = this.#deps;
    const limit = new AbortController();
    const timer = clock.setTimer(() => limit.abort(new Error('no answer to OPTIONS')), probeTimeoutMs);
    try {
      return await engine.probe(targetOf(trunk), AbortSignal.any([limit.signal, signal]));
    } catch (error) {
      logger.debug({ err: error, trunk: trunk.name }, 'probe of a trunk failed');
      return null;
    } finally {
      timer.cancel();
    }
  }
}

/** Who refuses OPTIONS is there all the same; who says that he cannot now, or that he heard from nobody, is not. */
function isAlive(status: number | null): boolean {
  return status !== null && status !== 503 && status !== 408;
}
