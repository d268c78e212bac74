import { isIP } from 'node:net';
import type { DnsAnswer, DnsResolver } from './dns-resolver.ts';
import type { HostsFile } from './hosts-file.ts';

/** Asks the system for the addresses of a name, by whatever means it has; none: it does not know. Never rejects. */
export type SystemLookup = (name: string, family: 4 | 6) => Promise<readonly string[]>;

export type SystemResolverOptions = {
  readonly hosts: Pick<HostsFile, 'addressesOf'>;
  readonly dns: DnsResolver;
  /** null: what DNS does not know is unknown. */
  readonly lookup: SystemLookup | null;
};

/** Seconds. The file is looked at again after this. */
const hostsTtlS = 10;
/** Seconds. The system tells no lifetime. */
const lookupTtlS = 30;

/**
 * The order in which this machine's programs look for an address: the hosts file first, which counts alone for a name that it has; then
 * DNS; then, for names that DNS does not know, what else the system has (multicast DNS, a directory, search domains).
 */
export class SystemResolver implements DnsResolver {
  readonly #options: SystemResolverOptions;

  constructor(options: SystemResolverOptions) {
    this.#options = options;
  }

  naptr(name: string): Promise<DnsAnswer<'naptr'>> {
    return this.#options.dns.naptr(name);
  }

  srv(name: string): Promise<DnsAnswer<'srv'>> {
    return this.#options.dns.srv(name);
  }

  a(name: string): Promise<DnsAnswer<'a'>> {
    return this.#addresses('a', name);
  }

  aaaa(name: string): Promise<DnsAnswer<'aaaa'>> {
    return this.#addresses('aaaa', name);
  }

  async #addresses<T extends 'a' | 'aaaa'>(type: T, name: string): Promise<DnsAnswer<T>> {
    const { hosts, dns, lookup } = this.#options;
    const family = type === 'a' ? 4 : 6;
    const listed = await hosts.addressesOf(name);
    if (listed.length > 0)
      return answerOf(
        listed.filter((address) => isIP(address) === family),
        hostsTtlS,
      );
    const answer = await dns[type](name);
    const isKnown = answer.kind === 'records' || (answer.kind === 'none' && answer.isNameKnown);
    if (isKnown || lookup === null) return answer;
    const found = await lookup(name, family);
    return found.length === 0 ? answer : answerOf(found, lookupTtlS);
  }
}

function answerOf(records: readonly string[], ttlS: number): DnsAnswer<'a' | 'aaaa'> {
  return records.length === 0 ? { kind: 'none', isNameKnown: true, ttlS } : { kind: 'records', records, ttlS };
}
