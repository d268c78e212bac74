import { isIP } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

/** The addresses of the machine by interface, as `os.networkInterfaces()` gives them. */
export type NetworkInterfaces = NodeJS.Dict<readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[]>;

/** The first IPv4 address that others can reach; `127.0.0.1` on a machine without a network. */
export function firstReachableAddress(interfaces: NetworkInterfaces): string {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  return all.find((entry) => entry.family === 'IPv4' && !entry.internal)?.address ?? '127.0.0.1';
}

/** Whether all are addresses that one host can have, and no two of the same family. */
export function isAddressPair(hosts: readonly string[]): boolean {
  const families = hosts.map((host) => isIP(host));
  return !families.includes(0) && new Set(families).size === families.length && !hosts.some(isWildcard);
}

function isWildcard(host: string): boolean {
  return /^[0.:]+$/.test(host);
}
