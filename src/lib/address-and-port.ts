import { isIP, isIPv4, isIPv6 } from 'node:net';

/** An IP address, IPv6 without brackets, and a port. */
export type AddressAndPort = { readonly address: string; readonly port: number };

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:5353`; null for anything else, names included. */
export function parseAddressAndPort(text: string, defaultPort: number): AddressAndPort | null {
  if (isIP(text) !== 0) return { address: text, port: defaultPort };
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const [, v6 = '', v4 = '', portText = String(defaultPort)] = match ?? [];
  const port = Number(portText);
  if (port < 1 || port > 65535) return null;
  if (isIPv6(v6)) return { address: v6, port };
  return isIPv4(v4) ? { address: v4, port } : null;
}
