import type { DnsAnswer, DnsResolver, DnsType, NaptrRecord, SrvRecord } from '../dns-resolver.ts';

type Answers = { readonly [T in DnsType]: Map<string, DnsAnswer<T>> };

/** DNS as the test says it is. Names that were not given do not exist. Keeps what was asked. */
export class ScriptedResolver implements DnsResolver {
  readonly asked: string[] = [];
  readonly #answers: Answers = { naptr: new Map(), srv: new Map(), a: new Map(), aaaa: new Map() };

  naptr(name: string): Promise<DnsAnswer<'naptr'>> {
    return this.#answer('naptr', name);
  }

  srv(name: string): Promise<DnsAnswer<'srv'>> {
    return this.#answer('srv', name);
  }

  a(name: string): Promise<DnsAnswer<'a'>> {
    return this.#answer('a', name);
  }

  aaaa(name: string): Promise<DnsAnswer<'aaaa'>> {
    return this.#answer('aaaa', name);
  }

  /** Says what is to be answered from now on. */
  say<T extends DnsType>(type: T, name: string, answer: DnsAnswer<T>): this {
    const answers: Map<string, DnsAnswer<T>> = this.#answers[type];
    answers.set(name, answer);
    return this;
  }

  /** `order preference flags services replacement`, one text for each record. */
  sayNaptr(name: string, records: readonly string[], ttlS = 300): this {
    const read = (text: string): NaptrRecord => {
      const [order, preference, flags = '', services = '', replacement = ''] = text.split(' ');
      return { order: Number(order), preference: Number(preference), flags, services, regexp: '', replacement };
    };
    return this.say('naptr', name, { kind: 'records', records: records.map(read), ttlS });
  }

  /** `priority weight port target`, one text for each record. */
  saySrv(name: string, records: readonly string[], ttlS = 300): this {
    const read = (text: string): SrvRecord => {
      const [priority, weight, port, target = ''] = text.split(' ');
      return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
    };
    return this.say('srv', name, { kind: 'records', records: records.map(read), ttlS });
  }

  /** Addresses of a name, sorted into families by their looks. */
  sayAddresses(name: string, addresses: readonly string[], ttlS = 300): this {
    const v6 = addresses.filter((address) => address.includes(':'));
    const v4 = addresses.filter((address) => !address.includes(':'));
    const none = { kind: 'none', isNameKnown: true, ttlS } as const;
    this.say('a', name, v4.length === 0 ? none : { kind: 'records', records: v4, ttlS });
    return this.say('aaaa', name, v6.length === 0 ? none : { kind: 'records', records: v6, ttlS });
  }

  #answer<T extends DnsType>(type: T, name: string): Promise<DnsAnswer<T>> {
    this.asked.push(`${type} ${name}`);
    const answers: Map<string, DnsAnswer<T>> = this.#answers[type];
    return Promise.resolve(answers.get(name) ?? { kind: 'none', isNameKnown: false, ttlS: 30 });
  }
}
