import { isIP } from 'node:net';

/** Whether a text is an address or a network as CIDR, IPv4 or IPv6, without a zone. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= addressBits(family));
}

/** How many bits an address of the family, 4 or 6, has. */
export function addressBits(family: number): number {
  return family === 4 ? 32 : 128;
}
