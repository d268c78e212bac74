import { isIP } from 'node:net';
import type { Logger } from '../../../lib/logger.ts';
import type { SeenAddress, SocketAddress } from '../endpoint-types.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { canonicalAddress, isSameHost } from './ip-address.ts';
import type { LocalNames } from './local-names.ts';
import type { Source } from './transport.ts';

/** Of the responses of one peer the first is looked at, and then one in so many: addresses change seldom, and reading a Via costs. */
const lookEvery = 256;

/** Peers that are remembered. */
const maxPeers = 1_000;

/**
 * How peers see us, by the `received` and `rport` that they write into our Via (RFC 3261 section 18.2.1, RFC 3581). Where that is another address than
 * we say in Via and Contact, their requests may not reach us; it is logged once for each peer and address, so that the operator can set the public one.
 */
export class SeenAddresses {
  readonly #names: LocalNames;
  readonly #logger: Logger;
  readonly #peers = new Map<string, { responses: number; difference: SeenAddress | null }>();

  constructor(names: LocalNames, logger: Logger) {
    this.#names = names;
    this.#logger = logger;
  }

  get differing(): readonly SeenAddress[] {
    return [...this.#peers.values()].flatMap(({ difference }) => difference ?? []);
  }

  /** Our address as one peer sees it; null: as we say, or nothing is known of it. */
  by(peer: string): SocketAddress | null {
    return this.#peers.get(peer)?.difference?.seen ?? null;
  }

  learn(response: SipMessage, source: Source): void {
    const peer = this.#peers.get(source.address);
    if (peer !== undefined && ++peer.responses % lookEvery !== 0) return;
    const difference = this.#differenceIn(response, source);
    if (peer !== undefined) {
      const isNews = difference !== null && !isSameSeen(difference, peer.difference);
      peer.difference = difference;
      if (isNews) this.#tell(difference);
    } else if (this.#peers.size < maxPeers) {
      this.#peers.set(source.address, { responses: 0, difference });
      if (difference !== null) this.#tell(difference);
    }
  }

  #differenceIn(response: SipMessage, source: Source): SeenAddress | null {
    const { via } = response;
    if (via === null) return null;
    const own = this.#names.of(source).address;
    const host = via.received ?? via.host;
    const address = canonicalAddress(host.startsWith('[') ? host.slice(1, -1) : host);
    // A connection of ours has a port of its own; nobody is to come back to that.
    const port = source.transport === 'udp' ? Number(via.rport || own.port) : own.port;
    if (isIP(address) === 0 || !Number.isInteger(port)) return null;
    if (isSameHost(address, own.address) && port === own.port) return null;
    return { peer: source.address, transport: source.transport, own, seen: { address, port } };
  }

  #tell({ peer, transport, own, seen }: SeenAddress): void {
    this.#logger.warn({ peer, transport, own, seen }, 'sip peer sees us at another address than we say');
  }
}

function isSameSeen(one: SeenAddress, other: SeenAddress | null): boolean {
  return other !== null && one.seen.address === other.seen.address && one.seen.port === other.seen.port;
}
