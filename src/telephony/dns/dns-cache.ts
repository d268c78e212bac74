import type { Clock } from '../../lib/clock.ts';
import { canonicalName } from './dns-message.ts';
import { type DnsAnswer, type DnsResolver, type DnsType, failedTtlS } from './dns-resolver.ts';

const minTtlS = 1;
const maxTtlS = 3_600;
const maxNegativeTtlS = 60;
/** How long past its time an answer is still given while nobody answers (RFC 8767): an outage of DNS must not stop calls. */
const maxStaleMs = 3_600_000;
const maxEntries = 4_096;

type Entry<T extends DnsType> = {
  /** The latest answer that was none of `failed`. */
  known: DnsAnswer<T> | null;
  /** What is given now. */
  current: DnsAnswer<T> | null;
  freshUntilMs: number;
  staleUntilMs: number;
  asking: Promise<DnsAnswer<T>> | null;
};

type Entries = { readonly [T in DnsType]: Map<string, Entry<T>> };

/**
 * Keeps answers for as long as their records say, between a second and an hour; that there are no such records for a minute at most. All
 * who ask at the same time share one question. When nobody answers, what was known is given for another hour, and DNS is asked again
 * every five seconds that somebody wants to know.
 */
export class DnsCache implements DnsResolver {
  readonly #source: DnsResolver;
  readonly #clock: Clock;
  readonly #entries: Entries = { naptr: new Map(), srv: new Map(), a: new Map(), aaaa: new Map() };

  constructor(source: DnsResolver, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  naptr(name: string): Promise<DnsAnswer<'naptr'>> {
    return this.#ask('naptr', name);
  }

  srv(name: string): Promise<DnsAnswer<'srv'>> {
    return this.#ask('srv', name);
  }

  a(name: string): Promise<DnsAnswer<'a'>> {
    return this.#ask('a', name);
  }

  aaaa(name: string): Promise<DnsAnswer<'aaaa'>> {
    return this.#ask('aaaa', name);
  }

  #ask<T extends DnsType>(type: T, name: string): Promise<DnsAnswer<T>> {
    const entry = this.#entry(type, canonicalName(name));
    const leftMs = entry.freshUntilMs - this.#clock.monotonic();
    if (entry.current !== null && leftMs > 0) return Promise.resolve({ ...entry.current, ttlS: leftMs / 1000 });
    entry.asking ??= this.#refresh(type, canonicalName(name), entry);
    return entry.asking;
  }

  #entry<T extends DnsType>(type: T, name: string): Entry<T> {
    const entries: Map<string, Entry<T>> = this.#entries[type];
    const known = entries.get(name);
    if (known !== undefined) return known;
    const oldest = entries.size < maxEntries ? undefined : entries.keys().next().value;
    if (oldest !== undefined) entries.delete(oldest);
    const entry: Entry<T> = { known: null, current: null, freshUntilMs: 0, staleUntilMs: 0, asking: null };
    entries.set(name, entry);
    return entry;
  }

  async #refresh<T extends DnsType>(type: T, name: string, entry: Entry<T>): Promise<DnsAnswer<T>> {
    const answer = await this.#source[type](name);
    const nowMs = this.#clock.monotonic();
    if (answer.kind === 'failed') {
      const isStaleGood = entry.known !== null && nowMs < entry.staleUntilMs;
      entry.current = { ...(isStaleGood && entry.known !== null ? entry.known : answer), ttlS: failedTtlS };
    } else {
      entry.current = { ...answer, ttlS: clampedTtl(answer) };
      entry.known = entry.current;
      entry.staleUntilMs = nowMs + entry.current.ttlS * 1000 + maxStaleMs;
    }
    entry.freshUntilMs = nowMs + entry.current.ttlS * 1000;
    entry.asking = null;
    return entry.current;
  }
}

function clampedTtl(answer: DnsAnswer<DnsType>): number {
  const limitS = answer.kind === 'records' ? maxTtlS : maxNegativeTtlS;
  return Math.min(limitS, Math.max(minTtlS, answer.ttlS));
}
