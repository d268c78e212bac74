import type { TrunkTarget, TrunkTls } from '../../call/engine.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import type { DnsResolver } from '../../telephony/dns/dns-resolver.ts';
import type { Hop, TlsTarget } from '../../telephony/sip/endpoint-types.ts';
import { drawHops } from '../../telephony/sip/locate/draw-hops.ts';
import { type LocateTarget, locateTargetOf } from '../../telephony/sip/locate/locate-server.ts';
import {
  type HopCandidate,
  type Location,
  mapTiers,
  type ServerTier,
} from '../../telephony/sip/locate/located-servers.ts';
import { ServerLocator } from '../../telephony/sip/locate/server-locator.ts';

export type TrunkLocatorOptions = {
  readonly dns: DnsResolver;
  /** The families that we can send from, the preferred first. */
  readonly families: readonly (4 | 6)[];
  readonly clock: Clock;
  readonly random: Random;
  /** Told every address that a trunk may have, before anything is sent there, and when they change. */
  readonly onTrunkAddress?: (address: string) => void;
};

/** Where a URI leads for one trunk: its hops carry the trunk's TLS settings. */
type Way = {
  readonly target: LocateTarget;
  readonly tls: TrunkTls;
  readonly tlsTarget: TlsTarget;
  /** What `tiers` were made of. */
  location: Location | null;
  tiers: readonly ServerTier<Hop>[];
};

/** More than there are trunks and servers that they send us on to. */
const maxWays = 1_024;

/** Turns the URIs of trunks into hops, and tells whose addresses those are. */
export class TrunkLocator {
  readonly #locator: ServerLocator;
  readonly #random: Random;
  readonly #ways = new Map<string, Way>();

  constructor(options: TrunkLocatorOptions) {
    const { onTrunkAddress } = options;
    const onFound = (location: Location): void => {
      if (onTrunkAddress !== undefined) for (const { address } of hopsIn(location)) onTrunkAddress(address);
    };
    this.#locator = new ServerLocator({ ...options, onFound });
    this.#random = options.random;
  }

  /** The hops for one request, best first, at least one. Rejects with the reason when there is none. */
  readonly hopsOf = async (uri: string, trunk: TrunkTarget): Promise<readonly Hop[]> => {
    const way = this.#wayOf(uri, trunk);
    const location = this.#locator.known(way.target) ?? (await this.#locator.locate(way.target));
    if (!location.isLocated) throw new Error(location.reason);
    if (location !== way.location) {
      way.location = location;
      way.tiers = mapTiers(location.tiers, (hop) => ({ ...hop, tls: hop.transport === 'tls' ? way.tlsTarget : null }));
    }
    return drawHops(way.tiers, this.#random);
  };

  close(): void {
    this.#locator.close();
  }

  #wayOf(uri: string, trunk: TrunkTarget): Way {
    const key = `${trunk.trunkId} ${uri}`;
    const known = this.#ways.get(key);
    if (known !== undefined && isSameTls(known.tls, trunk.tls)) return known;
    const target = locateTargetOf(uri);
    if (target === null) throw new Error(`cannot send to ${uri}`);
    const { caCertificates, certificate, privateKey, serverName, isVerified } = trunk.tls;
    const tlsTarget = {
      serverName: serverName ?? target.host,
      profile: { caCertificates, certificate, privateKey, isVerified },
    };
    const way: Way = { target, tls: trunk.tls, tlsTarget, location: null, tiers: [] };
    this.#ways.delete(key);
    const oldest = this.#ways.size < maxWays ? undefined : this.#ways.keys().next().value;
    if (oldest !== undefined) this.#ways.delete(oldest);
    this.#ways.set(key, way);
    return way;
  }
}

/** Every call brings its trunk's settings in objects of its own; the texts in them are the same ones. */
function isSameTls(one: TrunkTls, other: TrunkTls): boolean {
  return (
    one.caCertificates === other.caCertificates &&
    one.certificate === other.certificate &&
    one.privateKey === other.privateKey &&
    one.serverName === other.serverName &&
    one.isVerified === other.isVerified
  );
}

function hopsIn(location: Location): readonly HopCandidate[] {
  return location.isLocated ? location.tiers.flatMap((tier) => tier.flatMap(({ hops }) => hops)) : [];
}
