import { isIPv6 } from 'node:net';
import type { MediaAddress } from '../latch-machine.ts';
import { type Libc, systemError } from './libc.ts';
import { NativeMemory } from './native-memory.ts';

/** AF_INET and AF_INET6. */
export const ipv4Family = 2;
export const ipv6Family = 10;

/** The longer of the two kinds, `sockaddr_in6`, in whole words: family and port, flow, four of address, scope. `sockaddr_in` has its address in the second. */
export const socketAddressWords = 7;
export const ipv4AddressBytes = 16;
export const ipv6AddressBytes = 28;

/** INET6_ADDRSTRLEN, in whole words. */
const textBytes = 48;

/** Literal addresses in the system's form (`struct sockaddr_in`, `sockaddr_in6`) and back. */
export class SocketAddresses {
  readonly #libc: Libc;
  readonly #text: NativeMemory;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#text = new NativeMemory(libc, textBytes);
  }

  /** Writes an address to the beginning of `into`. Returns its length in bytes. Throws EINVAL where it is none. */
  write({ address, port }: MediaAddress, into: NativeMemory): number {
    const { bytes } = into;
    const isLong = isIPv6(address);
    const [literal = '', scope = '0'] = address.split('%');
    bytes.fill(0, 0, ipv6AddressBytes);
    bytes[0] = isLong ? ipv6Family : ipv4Family;
    bytes[2] = port >> 8;
    bytes[3] = port;
    if (isLong) into.words[socketAddressWords - 1] = Number(scope);
    const at = into.address + (isLong ? 8 : 4);
    if (this.#libc.inet_pton(isLong ? ipv6Family : ipv4Family, literal, at) !== 1) throw systemError('inet_pton', 22);
    return isLong ? ipv6AddressBytes : ipv4AddressBytes;
  }

  /** Reads the address that begins at the byte `offset` of `from`. A scope (of link-local addresses) is written as its number. */
  read(from: NativeMemory, offset: number): MediaAddress {
    const { bytes, words, address } = from;
    const isLong = bytes[offset] === ipv6Family;
    const port = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0);
    if (!isLong) return { address: bytes.subarray(offset + 4, offset + 8).join('.'), port };
    const text = this.#text;
    this.#libc.inet_ntop(ipv6Family, address + offset + 8, text.address, textBytes);
    const literal = Buffer.from(text.bytes.buffer, 0, text.bytes.indexOf(0)).toString('latin1');
    const scope = words[offset / 4 + socketAddressWords - 1] ?? 0;
    return { address: scope === 0 ? literal : `${literal}%${scope}`, port };
  }
}
