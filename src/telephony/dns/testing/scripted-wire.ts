import { type Answer, decode, encode, type Packet } from 'dns-packet';
import type { DnsServer, DnsWire, DnsWireListener } from '../dns-wire.ts';

/** A question that went out, and the means to answer it. */
export type WireQuestion = {
  readonly protocol: 'udp' | 'tcp';
  readonly server: DnsServer;
  readonly packet: Packet;
  readonly listener: DnsWireListener;
  isClosed: boolean;
};

/** A wire in memory: keeps what was asked, and gives back what the test says. */
export class ScriptedWire implements DnsWire {
  readonly questions: WireQuestion[] = [];
  /** What comes back to each question, later; nothing: silence. */
  onQuestion: (question: WireQuestion) => void = () => undefined;

  open(protocol: 'udp' | 'tcp', server: DnsServer, message: Buffer, listener: DnsWireListener): { close(): void } {
    const question = { protocol, server, packet: decode(message), listener, isClosed: false };
    this.questions.push(question);
    queueMicrotask(() => this.onQuestion(question));
    return {
      close: () => {
        question.isClosed = true;
      },
    };
  }
}

/** A server's message. */
export type ReplyParts = {
  readonly answers?: Answer[];
  readonly authorities?: Answer[];
  readonly code?: number;
  readonly isTruncated?: boolean;
  readonly id?: number;
  readonly questions?: Packet['questions'];
};

const responseAndRecursion = 0x0180;

/** The reply to a question, as bytes. */
export function replyTo(packet: Packet, parts: ReplyParts): Buffer {
  const flags = responseAndRecursion | (parts.isTruncated === true ? 0x0200 : 0) | (parts.code ?? 0);
  return encode({
    type: 'response',
    id: parts.id ?? packet.id ?? 0,
    flags,
    questions: parts.questions ?? packet.questions ?? [],
    answers: parts.answers ?? [],
    authorities: parts.authorities ?? [],
  });
}

/** Records that come before a name's end. */
export function aRecord(name: string, data: string, ttl = 300): Answer {
  return { type: 'A', name, ttl, data };
}

export function aliasRecord(name: string, data: string, ttl = 300): Answer {
  return { type: 'CNAME', name, ttl, data };
}

export function soaRecord(name: string, ttl: number, minimum: number): Answer {
  return { type: 'SOA', name, ttl, data: { mname: `ns.${name}`, rname: `root.${name}`, minimum } };
}
