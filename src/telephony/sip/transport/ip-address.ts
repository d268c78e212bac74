import { SocketAddress as IpSocketAddress, isIP } from 'node:net';

/** One spelling for one address: IPv6 shortened and in lower case, IPv4 in IPv6 as IPv4. What is no address comes back as it is. */
export function canonicalAddress(address: string): string {
  if (!address.includes(':') || isIP(address) === 0) return address;
  const [host = ''] = address.split('%');
  const canonical = new IpSocketAddress({ address: host, family: 'ipv6' }).address;
  return canonical.startsWith('::ffff:') && canonical.includes('.') ? canonical.slice('::ffff:'.length) : canonical;
}

/** Whether two spellings mean the same address. */
export function isSameHost(one: string, other: string): boolean {
  return one === other || canonicalAddress(one) === canonicalAddress(other);
}

/**
 * Whether an address can be one host's. Multicast, the broadcast address and the addresses of nobody are not: whoever gets us to send
 * there has many others answer, or ourselves. The broadcast addresses of networks cannot be told from here; the kernel refuses them.
 */
export function isUnicast(address: string): boolean {
  const canonical = canonicalAddress(address);
  if (canonical.includes(':')) return canonical !== '::' && !canonical.startsWith('ff');
  const first = Number.parseInt(canonical, 10);
  return first > 0 && first < 224;
}
