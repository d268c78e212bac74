import { isIP } from 'node:net';
import type { Hop, SipTransport, SocketAddress, TlsProfile } from '../endpoint-types.ts';
import { paramOf } from '../message/header-values.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import type { Source } from './transport.ts';

/** The ports where nothing names one (RFC 3261 section 19.1.2). */
export const defaultPorts: Readonly<Record<SipTransport, number>> = { udp: 5060, tcp: 5060, tls: 5061 };

/** Believes whom the system believes, shows nothing. */
export const systemTlsProfile: TlsProfile = {
  caCertificates: null,
  certificate: null,
  privateKey: null,
  isVerified: true,
};

export function udpHop({ address, port }: SocketAddress): Hop {
  return { address, port, transport: 'udp', tls: null };
}

/**
 * Where a URI of a dialog leads when its host is an IP literal; `source`, where the dialog's messages came from, when only DNS could tell.
 * Deviation: a URI without `transport` is UDP's by RFC 3263 section 4.1. Many of those who were reached over TCP or TLS leave the
 * parameter out of their Contact and listen for nothing else, and what began encrypted must not go on in the clear: the transport stays.
 * A dialog that a caller made over a connection of its own keeps to that connection while it is open: phones behind a NAT take no other.
 */
export function hopOf(uri: string, source: Hop | Source): Hop | Source {
  const parsed = parseSipUri(uri);
  if (parsed === null || isIP(parsed.host) === 0 || parsed.host === '0.0.0.0' || parsed.host === '::') return source;
  const transport = parsed.scheme === 'sips' ? 'tls' : (transportParam(parsed.params) ?? source.transport);
  const tls = transport === 'tls' ? (source.tls ?? { serverName: parsed.host, profile: systemTlsProfile }) : null;
  const hop = { address: parsed.host, port: parsed.port ?? defaultPorts[transport], transport, tls };
  const isSameWay = 'connectionId' in source && source.transport === transport;
  return isSameWay ? { ...hop, connectionId: source.connectionId } : hop;
}

/** The transport that a URI's parameters name; null: none of ours. */
export function transportParam(params: string): SipTransport | null {
  const value = paramOf(params, 0, 'transport')?.toLowerCase();
  return value === 'udp' || value === 'tcp' || value === 'tls' ? value : null;
}
