import { silentLogger } from '../../../lib/logger.ts';
import { seededRandom } from '../../../lib/random.ts';
import type { InviteOptions, OutgoingCall, OutgoingCallEvent, SocketAddress } from '../endpoint-types.ts';
import { parseMessage } from '../message/parse-message.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { Endpoint } from '../sip-endpoint.ts';
import { defaultTiming } from '../transaction/timing.ts';
import { udpHop } from '../transport/hop.ts';
import { everybodyIsKnown, type IsKnownPeer } from '../transport/peer-gate.ts';
import { StreamTransport } from '../transport/stream-transport.ts';
import type { DatagramTransport } from '../transport/transport.ts';
import { Transports } from '../transport/transports.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryNetwork } from './memory-network.ts';
import { MemoryStreams } from './memory-streams.ts';

export const callerAddress: SocketAddress = { address: '10.0.0.1', port: 5060 };
export const calleeAddress: SocketAddress = { address: '10.0.0.2', port: 5060 };
export const offerSdp = 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\n';
export const answerSdp = 'v=0\r\no=- 2 2 IN IP4 10.0.0.2\r\ns=-\r\nt=0 0\r\n';

/** A clock, a network and endpoints on it. */
export class SipBench {
  readonly clock = new FakeClock();
  readonly network: MemoryNetwork;
  readonly streams: MemoryStreams;
  #seed: number;

  constructor(seed = 1, loss = 0) {
    this.#seed = seed;
    this.network = new MemoryNetwork({ clock: this.clock, random: seededRandom(seed), loss, delayMs: 5 });
    this.streams = new MemoryStreams({ clock: this.clock, delayMs: 5 });
  }

  endpoint(address: SocketAddress, isKnownPeer: IsKnownPeer = everybodyIsKnown): Endpoint {
    const random = seededRandom(++this.#seed * 7919);
    const streams = new StreamTransport({
      network: this.streams.host(address),
      clock: this.clock,
      random,
      logger: silentLogger(),
      isKnownPeer,
    });
    return new Endpoint({
      transport: new Transports({ datagrams: [this.network.bind(address)], streams }),
      local: address,
      publicAddresses: { ipv4: address, ipv6: null, tlsPort: null },
      clock: this.clock,
      random,
      logger: silentLogger(),
      userAgent: 'Carillon test',
      timing: defaultTiming,
      isKnownPeer,
    });
  }

  /** A peer that is written by the test, message by message. */
  peer(address: SocketAddress): ScriptedPeer {
    return new ScriptedPeer(this.network.bind(address), this.clock);
  }
}

export type ObservedCall = { readonly call: OutgoingCall; readonly events: OutgoingCallEvent[] };

/** Calls `calleeAddress` and keeps what happens. */
export function dial(endpoint: Endpoint, options: Partial<InviteOptions> = {}): ObservedCall {
  const events: OutgoingCallEvent[] = [];
  const call = endpoint.invite(
    {
      hops: [udpHop(calleeAddress)],
      targetUri: 'sip:8613800000000@10.0.0.2:5060',
      from: '<sip:1008@10.0.0.1>',
      sipCallId: `call-${endpoint.newTag()}`,
      offer: offerSdp,
      credentials: null,
      ...options,
    },
    (event) => events.push(event),
  );
  return { call, events };
}

/** Sends and receives single messages. */
class ScriptedPeer {
  readonly received: SipMessage[] = [];
  readonly #transport: DatagramTransport;
  readonly #clock: FakeClock;

  constructor(transport: DatagramTransport, clock: FakeClock) {
    this.#transport = transport;
    this.#clock = clock;
    transport.receive((datagram) => {
      const parsed = parseMessage(datagram);
      if (parsed !== null) this.received.push(parsed.message);
    });
  }

  send(text: string, to: SocketAddress): void {
    this.#transport.send(Buffer.from(text, 'latin1'), to, () => undefined);
    this.#clock.advance(25);
  }

  /** Answers a request as a far end with the given tag would. */
  respond(request: SipMessage, statusLine: string, options: { tag?: string; lines?: string; sdp?: string } = {}): void {
    const { tag = 'far', lines = '', sdp = '' } = options;
    const to = request.header('to') ?? '';
    const type = sdp === '' ? '' : 'Content-Type: application/sdp\r\n';
    this.send(
      `SIP/2.0 ${statusLine}\r\nVia: ${request.header('via')}\r\nFrom: ${request.header('from')}\r\n` +
        `To: ${request.toTag === null ? `${to};tag=${tag}` : to}\r\nCall-ID: ${request.callId}\r\n` +
        `CSeq: ${request.header('cseq')}\r\nContact: <sip:far@10.0.0.2:5060>\r\n${lines}${type}Content-Length: ${sdp.length}\r\n\r\n${sdp}`,
      callerAddress,
    );
  }

  /** Sends a request in the dialog that an INVITE of ours made. */
  requestInDialog(
    invite: SipMessage,
    line: string,
    options: { lines?: string; body?: string; tag?: string } = {},
  ): void {
    const [method = '', cseq = ''] = line.split(' ');
    const { lines = '', body = '', tag = 'far' } = options;
    this.send(
      `${method} sip:10.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK${method}${cseq}\r\nMax-Forwards: 70\r\n` +
        `From: ${invite.header('to')};tag=${tag}\r\nTo: ${invite.header('from')}\r\nCall-ID: ${invite.callId}\r\n` +
        `CSeq: ${cseq} ${method}\r\nContact: <sip:far@10.0.0.2:5060>\r\n${lines}Content-Length: ${body.length}\r\n\r\n${body}`,
      callerAddress,
    );
  }

  /** What came of that method (a request) or status (a response) so far. */
  of(what: string | number): SipMessage[] {
    return this.received.filter((message) => (typeof what === 'number' ? message.status : message.method) === what);
  }

  /** The latest of them; fails when there is none. */
  last(what: string | number): SipMessage {
    const message = this.of(what).at(-1);
    if (message === undefined) throw new Error(`no ${what} came`);
    return message;
  }
}
