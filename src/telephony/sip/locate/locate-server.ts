import { isIP } from 'node:net';
import type { DnsAnswer, DnsResolver, DnsType, NaptrRecord, SrvRecord } from '../../dns/dns-resolver.ts';
import type { SipTransport } from '../endpoint-types.ts';
import { paramOf } from '../message/header-values.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import { defaultPorts, transportParam } from '../transport/hop.ts';
import { canonicalAddress, isUnicast } from '../transport/ip-address.ts';
import type { HopCandidate, Location, ServerTier } from './located-servers.ts';

/** Whose servers are looked for: what a URI says. */
export type LocateTarget = {
  /** A name, or an address without brackets. */
  readonly host: string;
  /** null: the URI names none. */
  readonly port: number | null;
  /** null: the URI names none. */
  readonly transport: SipTransport | null;
  /** Whether nothing but TLS will do (`sips:`). */
  readonly isSecure: boolean;
};

/** What a SIP URI asks for; null where it is none, or names a transport that we do not speak. `maddr` is not followed. */
export function locateTargetOf(uri: string): LocateTarget | null {
  const parsed = parseSipUri(uri);
  if (parsed === null) return null;
  const transport = transportParam(parsed.params);
  if (transport === null && paramOf(parsed.params, 0, 'transport') !== null) return null;
  return { host: parsed.host, port: parsed.port, transport, isSecure: parsed.scheme === 'sips' };
}

/** What a search is made with. */
export type LocateOptions = {
  readonly dns: DnsResolver;
  /** The families that we can send from, the preferred first. */
  readonly families: readonly (4 | 6)[];
};

/** Whoever publishes more than this is not helped by it. */
const maxHops = 32;
const maxServices = 8;
const maxTargets = 16;
/** Seconds. What an address says does not change. */
const maxTtlS = 3_600;

/**
 * Finds the servers of a SIP domain: RFC 3263 section 4. Pure but for the questions it asks.
 *
 * Section 4.1, the transport: the URI's own; else UDP (TLS for `sips:`) for an address and where a port is named; else by NAPTR, those
 * services that we speak, by order and preference; else the first of UDP and TCP for which there are SRV records.
 * Section 4.2, address and port: those of the URI, else by SRV, else the default port of the name's own addresses.
 *
 * Deviation: a question that nobody answers counts as one that found nothing. Some resolvers, of routers above all, know no NAPTR and no
 * SRV; the trunk whose addresses they do know would never be found. It is believed for the five seconds until DNS is asked again.
 */
export function locateServer(target: LocateTarget, options: LocateOptions): Promise<Location> {
  return new Search(target, options).run();
}

/** A name with service records, and the transport that they are for. */
type Service = { readonly name: string; readonly transport: SipTransport };

/** What the service records of a name came to. `refused`: the domain says that it offers no such service. */
type Offer = {
  readonly service: Service;
  readonly kind: 'records' | 'none' | 'refused';
  readonly records: readonly SrvRecord[];
};

type Place = { readonly host: string; readonly port: number; readonly transport: SipTransport };

/** One search, which notes how long what it was told may be believed, and why an address was not found. */
class Search {
  readonly #target: LocateTarget;
  readonly #options: LocateOptions;
  readonly #seen = new Set<string>();
  #ttlS = maxTtlS;
  #failure: string | null = null;

  constructor(target: LocateTarget, options: LocateOptions) {
    this.#target = target;
    this.#options = options;
  }

  async run(): Promise<Location> {
    const { host, port, transport, isSecure } = this.#target;
    if (isSecure && transport === 'udp') return this.#nowhere('there is no TLS over UDP');
    const named = isSecure ? 'tls' : transport;
    if (isIP(host) !== 0 || port !== null) return this.#located([await this.#ownAddresses(named ?? 'udp', port)]);
    if (transport === null) {
      const byNaptr = await this.#naptrServices();
      if (byNaptr.length > 0) return this.#byServices(await this.#offersOf(byNaptr));
    }
    const offers = await this.#offersOf(named === null ? servicesOf(host, ['udp', 'tcp']) : servicesOf(host, [named]));
    const offer = offers.find(({ kind }) => kind === 'records');
    if (offer !== undefined) return this.#byServices([offer]);
    if (offers.some(({ kind }) => kind === 'refused')) return this.#nowhere('it says that it offers no such service');
    return this.#located([await this.#ownAddresses(named ?? 'udp', null)]);
  }

  /**
   * The services that we speak, of the lowest order that has any (RFC 3403 section 4.1), by preference. Where the domain prefers TLS, what
   * is not encrypted is left out: whoever can keep us from its TLS servers must not get to hear the calls by that.
   */
  async #naptrServices(): Promise<readonly Service[]> {
    const answer = this.#noted(await this.#options.dns.naptr(this.#target.host));
    const records = answer.kind === 'records' ? answer.records : [];
    const usable = records
      .flatMap((record) => serviceOf(record) ?? [])
      .filter(({ transport }) => !this.#target.isSecure || transport === 'tls')
      .sort((one, other) => one.order - other.order || one.preference - other.preference);
    const [first] = usable;
    return usable
      .filter(({ order, transport }) => order === first?.order && (first.transport !== 'tls' || transport === 'tls'))
      .slice(0, maxServices);
  }

  #offersOf(services: readonly Service[]): Promise<readonly Offer[]> {
    return Promise.all(
      services.map(async (service): Promise<Offer> => {
        const answer = this.#noted(await this.#options.dns.srv(service.name));
        const all = answer.kind === 'records' ? answer.records : [];
        const records = all.filter(({ target, port }) => target !== '.' && target !== '' && port > 0);
        if (records.length > 0) return { service, kind: 'records', records };
        // RFC 2782, "Target": a dot alone says no.
        return { service, kind: all.length > 0 ? 'refused' : 'none', records };
      }),
    );
  }

  async #byServices(offers: readonly Offer[]): Promise<Location> {
    const tiers: ServerTier<HopCandidate>[] = [];
    for (const { service, records } of offers) {
      const byPriority = Map.groupBy(firstOf(records), ({ priority }) => priority);
      for (const group of byPriority.values()) {
        const servers = group.map(async ({ target, port, weight }) => ({
          weight,
          hops: await this.#addresses({ host: target, port, transport: service.transport }),
        }));
        tiers.push(await Promise.all(servers));
      }
    }
    return this.#located(tiers);
  }

  async #ownAddresses(transport: SipTransport, port: number | null): Promise<ServerTier<HopCandidate>> {
    const place = { host: this.#target.host, port: port ?? defaultPorts[transport], transport };
    return [{ weight: 0, hops: await this.#addresses(place) }];
  }

  async #addresses({ host, port, transport }: Place): Promise<readonly HopCandidate[]> {
    const addresses = await this.#addressesOf(host);
    return addresses.filter(isUnicast).map((address) => ({ address: canonicalAddress(address), port, transport }));
  }

  async #addressesOf(host: string): Promise<readonly string[]> {
    const { dns, families } = this.#options;
    const own = isIP(host);
    if (own !== 0) return families.some((family) => family === own) ? [host] : [];
    const answers = await Promise.all(families.map((family) => (family === 4 ? dns.a(host) : dns.aaaa(host))));
    return answers.flatMap((answer) => {
      this.#noted(answer);
      return answer.kind === 'records' ? answer.records : [];
    });
  }

  #noted<T extends DnsType>(answer: DnsAnswer<T>): DnsAnswer<T> {
    this.#ttlS = Math.min(this.#ttlS, answer.ttlS);
    if (answer.kind === 'failed') this.#failure = answer.reason;
    return answer;
  }

  /** Leaves out what comes twice, what is too much, and what is empty by that. */
  #located(found: readonly ServerTier<HopCandidate>[]): Location {
    const tiers = found
      .map((tier) =>
        tier.map(({ weight, hops }) => ({ weight, hops: hops.filter((hop) => this.#isNew(hop)) })).filter(hasHops),
      )
      .filter((tier) => tier.length > 0);
    if (tiers.length === 0) return this.#nowhere(this.#failure ?? 'it has no address that we can send to');
    return { isLocated: true, tiers, ttlS: this.#ttlS };
  }

  #isNew({ address, port, transport }: HopCandidate): boolean {
    const key = `${transport} ${address} ${port}`;
    if (this.#seen.has(key) || this.#seen.size >= maxHops) return false;
    this.#seen.add(key);
    return true;
  }

  #nowhere(why: string): Location {
    return { isLocated: false, reason: `cannot resolve ${this.#target.host}: ${why}`, ttlS: this.#ttlS };
  }
}

function hasHops({ hops }: { readonly hops: readonly HopCandidate[] }): boolean {
  return hops.length > 0;
}

/** By priority, and not without end. */
function firstOf(records: readonly SrvRecord[]): readonly SrvRecord[] {
  return records.toSorted((one, other) => one.priority - other.priority).slice(0, maxTargets);
}

const servicePrefixes: Readonly<Record<SipTransport, string>> = {
  udp: '_sip._udp',
  tcp: '_sip._tcp',
  tls: '_sips._tcp',
};

/** Section 4.1: what is asked for where no NAPTR record names it. */
function servicesOf(host: string, transports: readonly SipTransport[]): readonly Service[] {
  return transports.map((transport) => ({ name: `${servicePrefixes[transport]}.${host}`, transport }));
}

const naptrTransports: Readonly<Record<string, SipTransport>> = {
  'sip+d2u': 'udp',
  'sip+d2t': 'tcp',
  'sips+d2t': 'tls',
};

/** A NAPTR record that leads on to SRV records of SIP over a transport of ours; null: another one. */
function serviceOf(record: NaptrRecord): (Service & Pick<NaptrRecord, 'order' | 'preference'>) | null {
  const { order, preference, flags, services, replacement } = record;
  const transport = naptrTransports[services.toLowerCase()];
  if (transport === undefined || flags.toLowerCase() !== 's' || replacement === '.' || replacement === '') return null;
  return { name: replacement, transport, order, preference };
}
