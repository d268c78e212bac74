import type { Random } from '../../../lib/random.ts';

/** What a network does to a packet; shares of 1. A delayed one comes 20 to 120 ms late, so behind up to six others. */
export type LossyNetwork = { readonly lost: number; readonly delayed: number; readonly copied: number };

/** A packet, and when it is sent or comes. */
export type TimedPacket = { readonly atMs: number; readonly packet: Buffer };

/** What comes out of a network, in the order in which it does. The same for the same random. */
export function throughNetwork(sent: readonly TimedPacket[], network: LossyNetwork, random: Random): TimedPacket[] {
  const below = (bound: number): number => Math.floor(random.float() * bound);
  const arrivals = sent.flatMap(({ atMs, packet }) => {
    if (random.float() < network.lost) return [];
    const arrival = { atMs: atMs + (random.float() < network.delayed ? 20 + below(101) : 0), packet };
    return random.float() < network.copied ? [arrival, { atMs: arrival.atMs + below(200), packet }] : [arrival];
  });
  return arrivals.sort((one, other) => one.atMs - other.atMs);
}
