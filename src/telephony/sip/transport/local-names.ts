import type { Hop, SipTransport, SocketAddress } from '../endpoint-types.ts';
import { hostPort } from '../message/sip-uri.ts';
import { defaultPorts } from './hop.ts';

/** What we call ourselves to those who are reached over one transport and one address family. Wire text, built once. */
export type LocalName = {
  /** The address that others reach us at. */
  readonly address: SocketAddress;
  /** The same as it is written, `host:port`. */
  readonly sentBy: string;
  /** The start of our Via, up to the parameters: `SIP/2.0/UDP host:port`. */
  readonly via: string;
  /** The whole Contact line with its CRLF. */
  readonly contact: string;
};

/** The address that others reach us at, by address family; null: we have none of that family. */
export type PublicAddresses = {
  readonly ipv4: SocketAddress | null;
  readonly ipv6: SocketAddress | null;
  /** Where we listen for TLS; null: nowhere, and the far side must come back over the connection that we made. */
  readonly tlsPort: number | null;
};

type Names = Readonly<Record<SipTransport, LocalName>>;

/** Our names towards each peer (RFC 3261 sections 8.1.1.8 and 18.1.1). */
export class LocalNames {
  readonly #ipv4: Names;
  readonly #ipv6: Names;
  readonly #isListeningForTls: boolean;

  /** Where a family is missing the other one's names stand in: a message there is not sent anyway. Throws a RangeError when both are. */
  constructor(addresses: PublicAddresses) {
    const { ipv4, ipv6, tlsPort } = addresses;
    const either = ipv4 ?? ipv6;
    if (either === null) throw new RangeError('no address of our own');
    this.#isListeningForTls = tlsPort !== null;
    this.#ipv4 = namesAt(ipv4 ?? either, tlsPort);
    this.#ipv6 = namesAt(ipv6 ?? either, tlsPort);
  }

  of(hop: Hop): LocalName {
    const names = hop.address.includes(':') ? this.#ipv6 : this.#ipv4;
    return names[hop.transport];
  }

  /** Whether others must come back over the connection that we made: nobody listens where `of` says. */
  isReachedByConnection(hop: Hop): boolean {
    return hop.transport === 'tls' && !this.#isListeningForTls;
  }

  /** As `of`, with the port of our end of a connection: far sides look for one to the address in a Contact before they make one. */
  overConnection(hop: Hop, localPort: number): LocalName {
    return nameOf(hop.transport, { address: this.of(hop).address.address, port: localPort });
  }
}

function namesAt(address: SocketAddress, tlsPort: number | null): Names {
  const secure = { address: address.address, port: tlsPort ?? defaultPorts.tls };
  return { udp: nameOf('udp', address), tcp: nameOf('tcp', address), tls: nameOf('tls', secure) };
}

/**
 * Over TLS the Contact is a `sip:` URI with `transport=tls`. RFC 3261 deprecated the parameter and RFC 5630 did not bring it back, but a `sips:` URI
 * asks for TLS on every hop up to the callee, which a carrier into the telephone network refuses; this is what carriers and their servers write.
 */
function nameOf(transport: SipTransport, address: SocketAddress): LocalName {
  const sentBy = hostPort(address);
  const parameter = transport === 'udp' ? '' : `;transport=${transport}`;
  return {
    address,
    sentBy,
    via: `SIP/2.0/${transport.toUpperCase()} ${sentBy}`,
    contact: `Contact: <sip:${sentBy}${parameter}>\r\n`,
  };
}
