import type { Clock } from '../../../lib/clock.ts';
import type { Hop } from '../endpoint-types.ts';
import { goodHop, type HopState, isSetAside, stepHop } from './hop-state-machine.ts';

/** More hops than an operator's carriers have. */
const maxHops = 1_024;

/** What all requests of an endpoint have learnt about hops: those that failed lately are tried last. Only failures cost anything. */
export class HopHealth {
  readonly #clock: Clock;
  /** Those that are not good, the one that failed longest ago first. */
  readonly #states = new Map<string, HopState>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The hops in the order in which to try them: as given, those that are set aside last. */
  order(hops: readonly Hop[]): readonly Hop[] {
    if (this.#states.size === 0 || hops.length < 2) return hops;
    const nowMs = this.#clock.monotonic();
    const isAside = (hop: Hop): boolean => isSetAside(this.#stateOf(hop), nowMs);
    const last = hops.filter(isAside);
    return last.length === 0 ? hops : [...hops.filter((hop) => !isAside(hop)), ...last];
  }

  /** Nothing left for it, nothing came back, or a 503 did. `retryAfterS`: what its Retry-After said. */
  failed(hop: Hop, retryAfterS: number | null): void {
    const key = keyOf(hop);
    const retryAfterMs = retryAfterS === null ? null : retryAfterS * 1000;
    const state = stepHop(this.#stateOf(hop), { type: 'failed', retryAfterMs, nowMs: this.#clock.monotonic() });
    this.#states.delete(key);
    const oldest = this.#states.size < maxHops ? undefined : this.#states.keys().next().value;
    if (oldest !== undefined) this.#states.delete(oldest);
    this.#states.set(key, state);
  }

  /** It answered something other than 503. */
  heard(hop: Hop): void {
    if (this.#states.size > 0) this.#states.delete(keyOf(hop));
  }

  #stateOf(hop: Hop): HopState {
    return this.#states.get(keyOf(hop)) ?? goodHop;
  }
}

function keyOf(hop: Hop): string {
  return `${hop.transport} ${hop.address} ${hop.port}`;
}
