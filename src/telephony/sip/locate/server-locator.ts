import { isIP } from 'node:net';
import type { Clock, Timer } from '../../../lib/clock.ts';
import { type LocateOptions, type LocateTarget, locateServer } from './locate-server.ts';
import type { Location } from './located-servers.ts';

export type ServerLocatorOptions = LocateOptions & {
  readonly clock: Clock;
  /** Told what a domain came to, at first and whenever that changed, before anybody else is. Must not throw. */
  readonly onFound?: (location: Location) => void;
};

/** How long a domain is kept located after somebody asked for it. */
const keptMs = 3_600_000;
/** More domains than an operator has carriers; beyond, the one that was asked for first is forgotten. */
const maxDomains = 1_024;

type Domain = {
  readonly target: LocateTarget;
  /** null: the first search is under way. */
  location: Location | null;
  searching: Promise<Location> | null;
  usedAtMs: number;
  timer: Timer | null;
};

/**
 * Keeps the servers of domains at hand. Who asks for the first time waits for DNS; from then on the domain is looked for again by itself,
 * whenever what is known has run out, and everybody is answered at once with the latest that is known: a call waits for DNS once in the
 * life of a process, not once in the life of a record. What nobody asked for in an hour is let go.
 */
export class ServerLocator {
  readonly #options: ServerLocatorOptions;
  readonly #domains = new Map<string, Domain>();
  #isClosed = false;

  constructor(options: ServerLocatorOptions) {
    this.#options = options;
  }

  /** What is known of a domain now; null: nothing yet. The same object for as long as nothing changes. */
  known(target: LocateTarget): Location | null {
    const domain = this.#domains.get(keyOf(target));
    if (domain === undefined) return null;
    domain.usedAtMs = this.#options.clock.monotonic();
    return domain.location;
  }

  /** What is known of a domain, looked for if nothing is. All who ask share one search. Never rejects. */
  locate(target: LocateTarget): Promise<Location> {
    const known = this.known(target);
    if (known !== null) return Promise.resolve(known);
    const domain = this.#domains.get(keyOf(target)) ?? this.#add(target);
    return domain.searching ?? this.#search(domain);
  }

  /** Looks for nothing any more. */
  close(): void {
    this.#isClosed = true;
    for (const domain of this.#domains.values()) domain.timer?.cancel();
  }

  #add(target: LocateTarget): Domain {
    const oldest = this.#domains.size < maxDomains ? undefined : this.#domains.keys().next().value;
    if (oldest !== undefined) this.#forget(oldest);
    const usedAtMs = this.#options.clock.monotonic();
    const domain: Domain = { target, location: null, searching: null, usedAtMs, timer: null };
    this.#domains.set(keyOf(target), domain);
    return domain;
  }

  #search(domain: Domain): Promise<Location> {
    domain.searching = this.#searchNow(domain);
    return domain.searching;
  }

  async #searchNow(domain: Domain): Promise<Location> {
    const found = await locateServer(domain.target, this.#options);
    const isNew = domain.location === null || !isSame(domain.location, found);
    const location = isNew || domain.location === null ? found : domain.location;
    if (isNew) this.#options.onFound?.(location);
    domain.location = location;
    domain.searching = null;
    const isKept = this.#domains.get(keyOf(domain.target)) === domain && !this.#isClosed;
    // An address never comes to anything else.
    if (isKept && isIP(domain.target.host) === 0) this.#keepFresh(domain, found.ttlS * 1000);
    return location;
  }

  #keepFresh(domain: Domain, ttlMs: number): void {
    const { clock } = this.#options;
    domain.timer = clock.setTimer(() => {
      if (clock.monotonic() - domain.usedAtMs > keptMs) this.#forget(keyOf(domain.target));
      else void this.#search(domain);
    }, ttlMs);
  }

  #forget(key: string): void {
    this.#domains.get(key)?.timer?.cancel();
    this.#domains.delete(key);
  }
}

function keyOf({ host, port, transport, isSecure }: LocateTarget): string {
  return `${host} ${port} ${transport} ${isSecure}`;
}

/** Whether two searches came to the same, but for how long that may be believed. */
function isSame(one: Location, other: Location): boolean {
  return JSON.stringify({ ...one, ttlS: 0 }) === JSON.stringify({ ...other, ttlS: 0 });
}
