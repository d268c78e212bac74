import type { SocketAddress } from '../endpoint-types.ts';
import { paramOf } from './header-values.ts';

/** A `sip:` or `sips:` URI (RFC 3261 section 19.1). */
export type SipUri = {
  readonly scheme: 'sip' | 'sips';
  /** Still escaped; '' when there is none. */
  readonly user: string;
  /** Without the brackets of an IPv6 literal. */
  readonly host: string;
  readonly port: number | null;
  /** With their leading `;`. */
  readonly params: string;
};

const pattern = /^(sips?):(?:([^@\s]*)@)?(\[[0-9a-f:.]+\]|[^\s@:;?[\]]+)(?::(\d{1,5}))?(;[^?\s]*)?(?:\?\S*)?$/i;

/** Reads a SIP URI; null for any other scheme and for what is none. */
export function parseSipUri(text: string): SipUri | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const port = match[4] === undefined ? null : Number(match[4]);
  if (port !== null && (port < 1 || port > 65535)) return null;
  const host = match[3] ?? '';
  return {
    scheme: match[1]?.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user: (match[2] ?? '').replace(/:.*$/, ''),
    host: host.startsWith('[') ? host.slice(1, -1) : host.toLowerCase(),
    port,
    params: match[5] ?? '',
  };
}

/** Whether a route is a loose router's (RFC 3261 section 19.1.1). */
export function isLooseRoute(uri: string): boolean {
  return paramOf(uri, 0, 'lr') !== null;
}

/** An IP address as it is written in a URI or a Via: IPv6 in brackets. */
export function uriHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

export function hostPort({ address, port }: SocketAddress): string {
  return `${uriHost(address)}:${port}`;
}
