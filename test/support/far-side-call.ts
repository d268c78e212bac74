import { randomBytes } from 'node:crypto';
import type { RemoteInfo, Socket } from 'node:dgram';
import { answerSdp, branchOf, headerOf, responseTo, type SipText } from './sip-text.ts';

/** How a person behind the far side takes a call. Milliseconds; `ringMs` null: no ringing is signalled. */
export type Behaviour =
  | {
      readonly kind: 'answer';
      readonly ringMs: number;
      /** null: until the caller hangs up. */
      readonly talkMs: number | null;
    }
  | { readonly kind: 'reject'; readonly ringMs: number | null; readonly status: number; readonly reason: string }
  /** Rings until the caller cancels. */
  | { readonly kind: 'ring' };

/** One call as it arrived. The same Call-ID and branch again is a retransmission of it, anything else another call. */
export type LedgerEntry = {
  readonly number: string;
  readonly sipCallId: string;
  readonly branch: string;
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  readonly retransmissions: number;
  readonly isAnswered: boolean;
  readonly isAcknowledged: boolean;
  /** null: still going on, or the caller fell silent. */
  readonly end: 'caller-bye' | 'far-bye' | 'cancelled' | 'rejected' | null;
};

/** What a call needs of the side it is on. */
export type FarSideLine = {
  readonly socket: Socket;
  readonly host: string;
  readonly port: number;
  readonly contactPort: () => number;
  readonly rtpPort: number;
  /** Runs work later, unless the far side is closed by then. */
  later(delayMs: number, work: () => void): void;
};

/** A call at the far side: one INVITE server transaction and the dialog that comes of it. */
export class FarSideCall implements LedgerEntry {
  readonly number: string;
  readonly sipCallId: string;
  readonly branch: string;
  readonly atMs = performance.now();
  retransmissions = 0;
  isAnswered = false;
  isAcknowledged = false;
  end: LedgerEntry['end'] = null;
  readonly #line: FarSideLine;
  readonly #invite: SipText;
  readonly #caller: RemoteInfo;
  readonly #toTag = randomBytes(6).toString('hex');
  #last: Buffer | null = null;

  constructor(line: FarSideLine, invite: SipText, caller: RemoteInfo) {
    this.#line = line;
    this.#invite = invite;
    this.#caller = caller;
    this.number = /^sips?:([^@;>]*)/i.exec(invite.uri)?.[1] ?? '';
    this.sipCallId = headerOf(invite, 'call-id');
    this.branch = branchOf(invite);
  }

  take(behaviour: Behaviour): void {
    this.#respond(100, 'Trying');
    if (behaviour.kind === 'ring') {
      this.#ring();
      return;
    }
    if (behaviour.ringMs !== null) this.#respond(180, 'Ringing');
    this.#line.later(behaviour.ringMs ?? 0, () => {
      if (this.end !== null) return;
      if (behaviour.kind === 'reject') {
        this.end = 'rejected';
        this.#respondFinally(behaviour.status, behaviour.reason);
        return;
      }
      this.isAnswered = true;
      this.#respondFinally(200, 'OK');
      if (behaviour.talkMs !== null) this.#line.later(behaviour.talkMs, () => this.hangUp());
    });
  }

  /** Again every two seconds, for one that is lost is not missed by the caller, who has had its 100. */
  #ring(): void {
    if (this.end !== null) return;
    this.#respond(180, 'Ringing');
    this.#line.later(2000, () => this.#ring());
  }

  repeatLast(): void {
    this.retransmissions += 1;
    if (this.#last !== null) this.#line.socket.send(this.#last, this.#caller.port, this.#caller.address);
  }

  onCancel(): void {
    if (this.end !== null || this.isAnswered) return;
    this.end = 'cancelled';
    this.#respondFinally(487, 'Request Terminated');
  }

  onBye(): void {
    this.end ??= 'caller-bye';
  }

  #respond(status: number, reason: string): void {
    const { socket, host, contactPort, rtpPort } = this.#line;
    const sdp = status === 200 ? answerSdp(this.#invite.body, host, rtpPort) : null;
    const contact = `sip:${this.number}@${host}:${contactPort()}`;
    this.#last = responseTo(this.#invite, { status, reason, toTag: this.#toTag, contact, sdp });
    socket.send(this.#last, this.#caller.port, this.#caller.address);
  }

  /** RFC 3261 13.3.1.4 and 17.2.1: a final response is repeated, T1 doubling up to T2, until the ACK or 64 T1. */
  #respondFinally(status: number, reason: string): void {
    this.#respond(status, reason);
    const repeat = (waitMs: number, spentMs: number): void =>
      this.#line.later(waitMs, () => {
        if (this.isAcknowledged || spentMs > 32_000 || this.#last === null) return;
        this.#line.socket.send(this.#last, this.#caller.port, this.#caller.address);
        repeat(Math.min(waitMs * 2, 4000), spentMs + waitMs);
      });
    repeat(500, 0);
  }

  /** BYE, unless the call is over. */
  hangUp(): void {
    if (this.end !== null) return;
    this.end = 'far-bye';
    const { socket, host, port } = this.#line;
    const contact = headerOf(this.#invite, 'contact');
    const lines = [
      `BYE ${/<([^>]+)>/.exec(contact)?.[1] ?? contact} SIP/2.0`,
      `Via: SIP/2.0/UDP ${host}:${port};branch=z9hG4bK${randomBytes(8).toString('hex')};rport`,
      'Max-Forwards: 70',
      `From: ${headerOf(this.#invite, 'to')};tag=${this.#toTag}`,
      `To: ${headerOf(this.#invite, 'from')}`,
      `Call-ID: ${this.sipCallId}`,
      'CSeq: 1 BYE',
      'Content-Length: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, this.#caller.port, this.#caller.address);
  }
}
