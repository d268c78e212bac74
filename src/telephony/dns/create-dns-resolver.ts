import { Resolver } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { DnsCache } from './dns-cache.ts';
import type { DnsResolver } from './dns-resolver.ts';
import { type DnsServer, socketWire } from './dns-wire.ts';
import { HostsFile } from './hosts-file.ts';
import { StubResolver } from './stub-resolver.ts';
import { SystemResolver } from './system-resolver.ts';

export type DnsResolverOptions = {
  /**
   * Servers to ask, as {@link parseDnsServer} reads them. null: those of the system, and for addresses that they do not know, whatever
   * else the system has.
   */
  readonly servers: readonly string[] | null;
  readonly clock: Clock;
  readonly random: Random;
};

const hostsPath = '/etc/hosts';

/** This machine's resolver: its hosts file, DNS with a cache, and what else it knows names by. Does nothing until it is asked. */
export function createDnsResolver(options: DnsResolverOptions): DnsResolver {
  const { clock, random } = options;
  const given = options.servers?.flatMap((text) => parseDnsServer(text) ?? []);
  const dns = new StubResolver({ servers: () => given ?? systemServers(), wire: socketWire, clock, random });
  const hosts = new HostsFile(hostsPath);
  return new DnsCache(new SystemResolver({ hosts, dns, lookup: given === undefined ? systemLookup : null }), clock);
}

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`; null for anything else. Port 53 unless given. */
export function parseDnsServer(text: string): DnsServer | null {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const match = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  return isIP(address) === 0 || port < 1 || port > 65535 ? null : { address, port };
}

/** A new resolver of Node's reads the system's configuration as it is now. */
function systemServers(): DnsServer[] {
  return new Resolver().getServers().flatMap((text) => parseDnsServer(text) ?? []);
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
