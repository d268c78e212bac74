import type { Clock } from '../../../lib/clock.ts';
import type { Hop } from '../endpoint-types.ts';

/** Bytes. A larger request may come in pieces, which firewalls and some carriers drop (RFC 3261 section 18.1.1). */
const maxDatagramRequestBytes = 1_300;

/** How long a peer is spared our TCP after it did not take it. */
const retryAfterMs = 300_000;

/** Peers that are remembered; more would be no peers of one endpoint. */
const maxPeers = 1_000;

/**
 * The way of requests that are too large for a datagram: by TCP, to the same address and port (RFC 3261 section 18.1.1), unless that peer did not take
 * TCP lately.
 */
export class LargeRequests {
  readonly #clock: Clock;
  /** When TCP may be tried again. */
  readonly #withoutTcp = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How a request of `length` bytes gets to a hop: the hop itself, or the same one by TCP. */
  wayTo(hop: Hop, length: number): Hop {
    if (length <= maxDatagramRequestBytes || hop.transport !== 'udp') return hop;
    const until = this.#withoutTcp.get(keyOf(hop));
    if (until !== undefined && this.#clock.monotonic() < until) return hop;
    return { ...hop, transport: 'tcp' };
  }

  /** A peer did not take a request by TCP. */
  avoidTcp(hop: Hop): void {
    if (this.#withoutTcp.size >= maxPeers) this.#withoutTcp.clear();
    this.#withoutTcp.set(keyOf(hop), this.#clock.monotonic() + retryAfterMs);
  }
}

function keyOf({ address, port }: Hop): string {
  return `${address} ${port}`;
}
