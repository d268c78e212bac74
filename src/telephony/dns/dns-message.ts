import { isIPv4, isIPv6 } from 'node:net';
import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED, type SoaAnswer } from 'dns-packet';
import { messageOf } from '../../lib/errors.ts';
import { type DnsAnswer, type DnsRecords, type DnsType, failedTtlS } from './dns-resolver.ts';

/** One question to one server. `name` is in lower case and has no last dot. */
export type DnsQuery<T extends DnsType> = { readonly id: number; readonly type: T; readonly name: string };

/** What a message that came back means. */
export type DnsReply<T extends DnsType> =
  | { readonly kind: 'answer'; readonly answer: DnsAnswer<T> }
  /** The name is another's alias, and the server said no more. */
  | { readonly kind: 'alias'; readonly name: string; readonly ttlS: number }
  /** It did not fit; TCP has room. */
  | { readonly kind: 'truncated' }
  /** This server has no answer; another may. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No answer to this question: late, forged or broken. Not to be believed, and not the end of waiting. */
  | { readonly kind: 'foreign' };

/** Bytes; what passes any network in one piece (RFC 9715). */
const maxUdpBytes = 1232;

/** Aliases of aliases beyond this are a loop. */
export const maxAliases = 8;

/** Of a name that has no such records, where the server does not say (RFC 2308 section 5). */
const silentNegativeTtlS = 5;

const wireTypes = { naptr: 'NAPTR', srv: 'SRV', a: 'A', aaaa: 'AAAA' } as const;

const responseCodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** Whether a text can be asked for: labels of 1 to 63 characters, 253 in all (RFC 1035 section 2.3.4). Underscores are welcome. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && /^[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})*$/i.test(name);
}

/** One spelling for one name. */
export function canonicalName(name: string): string {
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}

/** The question as it goes over the wire. Without EDNS answers may have 512 bytes; some old servers know no more. */
export function writeQuery(query: DnsQuery<DnsType>, hasEdns: boolean): Buffer {
  return encode({
    type: 'query',
    id: query.id,
    flags: RECURSION_DESIRED,
    questions: [{ type: wireTypes[query.type], name: query.name }],
    additionals: hasEdns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: maxUdpBytes,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  });
}

/** Reads what came back to a question. Never throws, whatever it is. */
export function readReply<T extends DnsType>(message: Buffer, query: DnsQuery<T>): DnsReply<T> {
  // Before anything else is looked at: a forger has to guess this number, and the port.
  if (message.length < 12 || message.readUInt16BE(0) !== query.id || (message.readUInt8(2) & 0xf8) !== 0x80) {
    return { kind: 'foreign' };
  }
  const code = message.readUInt8(3) & 0x0f;
  const isTruncated = (message.readUInt8(2) & 0x02) !== 0;
  let packet: DecodedPacket;
  try {
    // What was cut off may end in the middle of a record: the question alone is read.
    packet = decode(isTruncated ? questionOnly(message) : message);
    // The library reads on where the message has ended.
    if (decode.bytes > message.length) throw new RangeError('cut short');
  } catch (error) {
    // It has our number, and comes from the server by its address: the server itself sends nonsense.
    return code === 0 || code === 3 ? { kind: 'foreign' } : { kind: 'refused', reason: messageOf(error) };
  }
  if (!asksFor(packet, query)) {
    // Servers that cannot even read the question may leave it out.
    const isAboutNothing = (packet.questions ?? []).length === 0 && code !== 0 && code !== 3;
    return isAboutNothing ? { kind: 'refused', reason: codeName(code) } : { kind: 'foreign' };
  }
  if (code !== 0 && code !== 3) return { kind: 'refused', reason: codeName(code) };
  if (isTruncated) return { kind: 'truncated' };
  return answerIn(packet, query, code === 3);
}

function questionOnly(message: Buffer): Buffer {
  const copy = Buffer.from(message);
  copy.fill(0, 6, 12);
  return copy;
}

function asksFor(packet: DecodedPacket, query: DnsQuery<DnsType>): boolean {
  const [question, ...further] = packet.questions ?? [];
  return (
    question !== undefined &&
    further.length === 0 &&
    question.type === wireTypes[query.type] &&
    canonicalName(question.name) === query.name
  );
}

/** Follows the aliases within the answer (RFC 1034 section 3.6.2), and believes nothing but what they lead to. */
function answerIn<T extends DnsType>(packet: DecodedPacket, query: DnsQuery<T>, isUnknown: boolean): DnsReply<T> {
  const answers = packet.answers ?? [];
  let name = query.name;
  let ttlS = Number.POSITIVE_INFINITY;
  for (let step = 0; step <= maxAliases; step++) {
    const own = answers.filter((answer) => canonicalName(answer.name) === name);
    const wanted = own.filter((answer) => answer.type === wireTypes[query.type]);
    if (wanted.length > 0) return { kind: 'answer', answer: recordsOf(wanted, query.type, ttlS) };
    const alias = own.find((answer) => answer.type === 'CNAME');
    if (alias === undefined || !('data' in alias) || typeof alias.data !== 'string') {
      if (name !== query.name && !isUnknown && !hasSoa(packet)) return { kind: 'alias', name, ttlS };
      const negativeTtlS = Math.min(ttlS, negativeTtlOf(packet));
      return { kind: 'answer', answer: { kind: 'none', isNameKnown: !isUnknown, ttlS: negativeTtlS } };
    }
    name = canonicalName(alias.data);
    ttlS = Math.min(ttlS, ttlOf(alias));
  }
  return { kind: 'refused', reason: 'a loop of aliases' };
}

function recordsOf<T extends DnsType>(answers: readonly Answer[], type: T, aliasTtlS: number): DnsAnswer<T> {
  const read: (answer: Answer) => DnsRecords[T] | null = readers[type];
  const records = answers.flatMap((answer) => read(answer) ?? []);
  if (records.length === 0) return { kind: 'none', isNameKnown: true, ttlS: failedTtlS };
  return { kind: 'records', records, ttlS: Math.min(aliasTtlS, ...answers.map(ttlOf)) };
}

const readers: { readonly [T in DnsType]: (answer: Answer) => DnsRecords[T] | null } = {
  a: (answer) => (answer.type === 'A' && isIPv4(answer.data) ? answer.data : null),
  aaaa: (answer) => (answer.type === 'AAAA' && isIPv6(answer.data) ? answer.data : null),
  naptr: (answer) => (answer.type === 'NAPTR' ? answer.data : null),
  srv: (answer) => {
    if (answer.type !== 'SRV') return null;
    const { priority = 0, weight = 0, port, target } = answer.data;
    return { priority, weight, port, target };
  },
};

/** RFC 2181 section 8: seconds with the highest bit set mean none. */
function ttlOf(answer: Answer): number {
  const ttlS = 'ttl' in answer ? (answer.ttl ?? 0) : 0;
  return ttlS > 0x7fffffff ? 0 : ttlS;
}

/** RFC 2308 section 5. */
function negativeTtlOf(packet: DecodedPacket): number {
  const soa = soaOf(packet);
  return soa === undefined ? silentNegativeTtlS : Math.min(ttlOf(soa), soa.data.minimum ?? 0);
}

function hasSoa(packet: DecodedPacket): boolean {
  return soaOf(packet) !== undefined;
}

function soaOf(packet: DecodedPacket): SoaAnswer | undefined {
  return (packet.authorities ?? []).find((record): record is SoaAnswer => record.type === 'SOA');
}

function codeName(code: number): string {
  return responseCodes[code] ?? `code ${code}`;
}
