import type { SipTransport, SocketAddress } from '../endpoint-types.ts';

/** One place that a request can go to, before anything is known of TLS. */
export type HopCandidate = SocketAddress & { readonly transport: SipTransport };

/** A server and its addresses, in the order in which to try them. */
export type LocatedServer<H> = {
  /** RFC 2782: among the servers of its tier it is chosen first this often, in proportion. */
  readonly weight: number;
  readonly hops: readonly H[];
};

/** Those of one priority. */
export type ServerTier<H> = readonly LocatedServer<H>[];

/** What a name leads to. The tiers are tried in order. */
export type Location<H = HopCandidate> =
  | { readonly isLocated: true; readonly tiers: readonly ServerTier<H>[]; readonly ttlS: number }
  | { readonly isLocated: false; readonly reason: string; readonly ttlS: number };

/** The same servers, with each hop made into something else. */
export function mapTiers<H, I>(tiers: readonly ServerTier<H>[], make: (hop: H) => I): readonly ServerTier<I>[] {
  return tiers.map((tier) => tier.map(({ weight, hops }) => ({ weight, hops: hops.map(make) })));
}
