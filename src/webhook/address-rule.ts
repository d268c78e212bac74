import { BlockList, isIP } from 'node:net';
import { addressBits } from '../lib/network.ts';

/**
 * Which addresses may be posted to on behalf of somebody who names a URL. Without it they could have this machine, its neighbours or its cloud's metadata
 * service receive POSTs that only we can send, and read off the result what is there.
 */
export interface AddressRule {
  /** `address` is an IPv4 or IPv6 address in any spelling; anything else is not allowed. */
  allows(address: string): boolean;
}

/**
 * What is no address of the public internet, by the IANA registries of special-purpose addresses (RFC 6890 and its followers): "this network", private,
 * shared, loopback, link-local, protocol assignments, documentation, benchmarks, 6to4 relays, multicast, and what is kept for later, broadcast among it.
 */
const notPublic4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * IPv6 has one public block so far. Outside it are loopback, link-local, unique local, multicast, and all forms that carry an IPv4 address in them: mapped,
 * compatible, NAT64. Inside it are some that do so too (Teredo, 6to4), and documentation.
 */
const public6 = '2000::/3';
const notPublic6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** `networks` are those that the operator allows besides the public ones, as CIDR or single addresses that {@link isNetwork} holds of. */
export function createAddressRule(networks: readonly string[]): AddressRule {
  const allowed = blockListOf(networks);
  const refused = blockListOf([...notPublic4, ...notPublic6]);
  const public6List = blockListOf([public6]);
  return {
    allows(address) {
      const family = isIP(address);
      if (family === 0) return false;
      const type = family === 4 ? 'ipv4' : 'ipv6';
      // A zone belongs to link-local addresses, and says on which link.
      const [plain = ''] = address.split('%');
      if (allowed.check(plain, type)) return true;
      return !refused.check(plain, type) && (family === 4 || public6List.check(plain, type));
    },
  };
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address);
    list.addSubnet(
      address,
      prefix === undefined ? addressBits(family) : Number(prefix),
      family === 4 ? 'ipv4' : 'ipv6',
    );
  }
  return list;
}
