import type { Clock } from '../../../lib/clock.ts';
import type { Hop } from '../endpoint-types.ts';
import { giveUpAfter, type SipTiming } from '../transaction/timing.ts';
import { goodHop, type HopInput, type HopPatience, type HopState, isSetAside, stepHop } from './hop-state-machine.ts';

/** More hops than an operator's carriers have. */
const maxHops = 1_024;

/**
 * What all requests of an endpoint have learnt about hops: those that failed lately, or are silent, are tried last. Costs nothing where
 * there is only one way to go.
 */
export class HopHealth {
  readonly #clock: Clock;
  readonly #patience: HopPatience;
  /** Those that are not good, the one that has been longest without news first. */
  readonly #states = new Map<string, HopState>();

  constructor(clock: Clock, timing: SipTiming) {
    this.#clock = clock;
    // A server answers within 200 ms (RFC 3261 section 17.2.1); by then four INVITEs went unanswered.
    this.#patience = { silentMs: 8 * timing.t1, giveUpMs: giveUpAfter(timing) };
  }

  /** The hops in the order in which to try them: as given, those that are set aside last. */
  order(hops: readonly Hop[]): readonly Hop[] {
    if (this.#states.size === 0 || hops.length < 2) return hops;
    const nowMs = this.#clock.monotonic();
    const isAside = (hop: Hop): boolean => isSetAside(this.#stateOf(hop), nowMs, this.#patience);
    const last = hops.filter(isAside);
    return last.length === 0 ? hops : [...hops.filter((hop) => !isAside(hop)), ...last];
  }

  /** A request goes there that has other ways to go. */
  asked(hop: Hop): void {
    this.#step(hop, { type: 'asked', nowMs: this.#clock.monotonic() });
  }

  /** Nothing could be sent there, nothing came back, or a 503 did. `retryAfterS`: what its Retry-After said. */
  failed(hop: Hop, retryAfterS: number | null): void {
    const retryAfterMs = retryAfterS === null ? null : retryAfterS * 1000;
    this.#step(hop, { type: 'failed', retryAfterMs, nowMs: this.#clock.monotonic() });
  }

  /** It answered something other than 503. */
  heard(hop: Hop): void {
    if (this.#states.size > 0) this.#states.delete(keyOf(hop));
  }

  #step(hop: Hop, input: HopInput): void {
    const key = keyOf(hop);
    const old = this.#states.get(key) ?? goodHop;
    const state = stepHop(old, input, this.#patience);
    if (state === old) return;
    this.#states.delete(key);
    const oldest = this.#states.size < maxHops ? undefined : this.#states.keys().next().value;
    if (oldest !== undefined) this.#states.delete(oldest);
    this.#states.set(key, state);
  }

  #stateOf(hop: Hop): HopState {
    return this.#states.get(keyOf(hop)) ?? goodHop;
  }
}

function keyOf(hop: Hop): string {
  return `${hop.transport} ${hop.address} ${hop.port}`;
}
