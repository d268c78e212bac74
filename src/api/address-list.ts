import { BlockList, isIP } from 'node:net';

/** A list of networks that an address is held against. */
export class AddressList {
  readonly #networks = new BlockList();
  readonly #isEmpty: boolean;

  /** `networks` are addresses or CIDR blocks as PostgreSQL's `cidr` prints them; IPv4 and IPv6. */
  constructor(networks: readonly string[]) {
    this.#isEmpty = networks.length === 0;
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      this.#networks.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
    }
  }

  /** An empty list allows every address. */
  allows(address: string): boolean {
    if (this.#isEmpty) return true;
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && this.#networks.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** An IPv4 address that arrived on an IPv6 socket, as IPv4. */
function plainAddress(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
