import { Resolver } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { parseAddressAndPort } from '../../lib/address-and-port.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { DnsCache } from './dns-cache.ts';
import type { DnsResolver } from './dns-resolver.ts';
import { type DnsServer, socketWire } from './dns-wire.ts';
import { HostsFile } from './hosts-file.ts';
import { StubResolver } from './stub-resolver.ts';
import { SystemResolver } from './system-resolver.ts';

export type DnsResolverOptions = {
  /** Servers to ask. null: those of the system, and for addresses that they do not know, whatever else the system has. */
  readonly servers: readonly DnsServer[] | null;
  readonly clock: Clock;
  readonly random: Random;
};

const hostsPath = '/etc/hosts';

/** This machine's resolver: its hosts file, DNS with a cache, and what else it knows names by. Does nothing until it is asked. */
export function createDnsResolver(options: DnsResolverOptions): DnsResolver {
  const { servers, clock, random } = options;
  const dns = new StubResolver({ servers: () => servers ?? systemServers(), wire: socketWire, clock, random });
  const hosts = new HostsFile(hostsPath);
  return new DnsCache(new SystemResolver({ hosts, dns, lookup: servers === null ? systemLookup : null }), clock);
}

/** A new resolver of Node's reads the system's configuration as it is now. */
function systemServers(): DnsServer[] {
  return new Resolver().getServers().flatMap((text) => parseAddressAndPort(text, 53) ?? []);
}

async function systemLookup(name: string, family: 4 | 6): Promise<readonly string[]> {
  try {
    const found = await lookup(name, { family, all: true });
    return found.map(({ address }) => address);
  } catch {
    // Unknown, which is what an empty list says.
    return [];
  }
}
