import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import {
  canonicalName,
  type DnsQuery,
  type DnsReply,
  isDnsName,
  maxAliases,
  readReply,
  writeQuery,
} from './dns-message.ts';
import { type DnsAnswer, type DnsResolver, type DnsType, failedTtlS } from './dns-resolver.ts';
import type { DnsServer, DnsWire } from './dns-wire.ts';

export type StubResolverOptions = {
  /** Recursive servers, the preferred first. Asked anew for every question: the machine may have moved to another network. */
  readonly servers: () => readonly DnsServer[];
  readonly wire: DnsWire;
  readonly clock: Clock;
  /** Must not be guessable. */
  readonly random: Random;
};

/** How long each server is waited for, in the first round and in the second. */
const roundsMs = [1_000, 3_000];
const tcpTimeoutMs = 3_000;
const maxServers = 3;

/** What became of one question to one server. */
type Exchange<T extends DnsType> = Exclude<DnsReply<T>, { kind: 'foreign' }>;

/**
 * Asks recursive servers: UDP first, TCP where the answer does not fit (RFC 1035 section 4.2), the servers in turn, twice. Against
 * forged answers (RFC 5452) each question has a random number and a random port, and an answer must come from the address that was asked,
 * have that number and repeat the question; anything else is dropped, and waiting goes on.
 */
export class StubResolver implements DnsResolver {
  readonly #options: StubResolverOptions;

  constructor(options: StubResolverOptions) {
    this.#options = options;
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

  async #ask<T extends DnsType>(type: T, name: string): Promise<DnsAnswer<T>> {
    let current = canonicalName(name);
    let ttlS = Number.POSITIVE_INFINITY;
    for (let step = 0; step <= maxAliases; step++) {
      // The name itself is not repeated: it may have come from a server, with anything in it, and reasons are stored and shown.
      if (!isDnsName(current)) return failed(step === 0 ? 'it is no name' : 'it is an alias of what is no name');
      const reply = await this.#askServers(type, current);
      if (reply.kind === 'answer') return { ...reply.answer, ttlS: Math.min(ttlS, reply.answer.ttlS) };
      if (reply.kind !== 'alias') return failed(reply.kind === 'refused' ? reply.reason : 'cut short');
      current = reply.name;
      ttlS = Math.min(ttlS, reply.ttlS);
    }
    return failed('a loop of aliases');
  }

  async #askServers<T extends DnsType>(type: T, name: string): Promise<Exchange<T>> {
    const servers = this.#options.servers().slice(0, maxServers);
    let latest: Exchange<T> = { kind: 'refused', reason: 'no DNS server is known' };
    const refusing = new Set<DnsServer>();
    for (const timeoutMs of roundsMs) {
      for (const server of servers) {
        if (refusing.has(server)) continue;
        latest = await this.#askServer(server, type, name, timeoutMs);
        if (latest.kind === 'answer' || latest.kind === 'alias') return latest;
        if (latest.kind === 'refused' && latest.reason !== silence) refusing.add(server);
      }
    }
    return latest;
  }

  // biome-ignore format: one line says it
  async #askServer<T extends DnsType>(server: DnsServer, type: T, name: string, timeoutMs: number): Promise<Exchange<T>> {
    const query = this.#query(type, name);
    const reply = await this.#exchange('udp', server, query, { hasEdns: true, timeoutMs });
    if (reply.kind === 'truncated') {
      return this.#exchange('tcp', server, this.#query(type, name), { hasEdns: true, timeoutMs: tcpTimeoutMs });
    }
    // RFC 6891 section 7: a server from before EDNS.
    const isTooNew = reply.kind === 'refused' && (reply.reason === 'FORMERR' || reply.reason === 'NOTIMP');
    if (!isTooNew) return reply;
    const plain = await this.#exchange('udp', server, this.#query(type, name), { hasEdns: false, timeoutMs });
    if (plain.kind !== 'truncated') return plain;
    return this.#exchange('tcp', server, this.#query(type, name), { hasEdns: false, timeoutMs: tcpTimeoutMs });
  }

  #query<T extends DnsType>(type: T, name: string): DnsQuery<T> {
    return { id: Number.parseInt(this.#options.random.hex(2), 16), type, name };
  }

  #exchange<T extends DnsType>(
    protocol: 'udp' | 'tcp',
    server: DnsServer,
    query: DnsQuery<T>,
    { hasEdns, timeoutMs }: { hasEdns: boolean; timeoutMs: number },
  ): Promise<Exchange<T>> {
    const { wire, clock } = this.#options;
    return new Promise((resolve) => {
      const settle = (reply: Exchange<T>): void => {
        timer.cancel();
        connection.close();
        resolve(reply);
      };
      const timer = clock.setTimer(() => settle({ kind: 'refused', reason: silence }), timeoutMs);
      const connection = wire.open(protocol, server, writeQuery(query, hasEdns), {
        onMessage: (message) => {
          const reply = readReply(message, query);
          if (reply.kind !== 'foreign') settle(reply);
        },
        onError: (error) => settle({ kind: 'refused', reason: error.message }),
      });
    });
  }
}

const silence = 'no DNS server answered';

function failed(reason: string): { kind: 'failed'; reason: string; ttlS: number } {
  return { kind: 'failed', reason, ttlS: failedTtlS };
}
