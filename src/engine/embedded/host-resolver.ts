import { isIPv4 } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';

/** What a host name came to. */
export type HostResolution =
  | { readonly isResolved: true; readonly address: string }
  | { readonly isResolved: false; readonly reason: string };

/** Turns a trunk's host into an IPv4 address. Never rejects. */
export interface HostResolver {
  resolve(host: string): Promise<HostResolution>;
}

/** Asks the system for one IPv4 address of a name; rejects when there is none. */
export type HostLookup = (host: string) => Promise<string>;

const resolvedTtlMs = 60_000;
/** Short, so that a trunk is back soon after its name is, and long enough that a thousand calls don't ask a thousand times. */
const failedTtlMs = 5_000;

type Entry = { readonly resolution: Promise<HostResolution>; expiresAtMs: number };

/** Caches answers for a minute and failures for five seconds; calls that ask at the same time share one question. */
export function createHostResolver(lookup: HostLookup, clock: Clock): HostResolver {
  const entries = new Map<string, Entry>();

  async function ask(host: string): Promise<HostResolution> {
    try {
      return { isResolved: true, address: await lookup(host) };
    } catch (error) {
      return { isResolved: false, reason: `cannot resolve ${host}: ${messageOf(error)}` };
    }
  }

  return {
    async resolve(host) {
      if (isIPv4(host)) return { isResolved: true, address: host };
      const known = entries.get(host);
      if (known !== undefined && clock.monotonic() < known.expiresAtMs) return known.resolution;
      const entry: Entry = { resolution: ask(host), expiresAtMs: Number.POSITIVE_INFINITY };
      entries.set(host, entry);
      const resolution = await entry.resolution;
      entry.expiresAtMs = clock.monotonic() + (resolution.isResolved ? resolvedTtlMs : failedTtlMs);
      return resolution;
    },
  };
}
