import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SocketAddress } from '../../src/telephony/sip/endpoint-types.ts';

/** A SIP message as a scripted phone sees it: start line, headers as they came, body. */
export type RawMessage = { readonly startLine: string; readonly headers: readonly string[]; readonly body: string };

/**
 * A phone that answers every call at once with the session description it is given, and can send whatever re-INVITE a test wants. Written by
 * hand over a bare socket, sharing no code with the SIP library, so that it agrees with RFC 3261 and not with us.
 */
export class ScriptedPhone {
  readonly #sip: Socket;
  readonly #rtp: Socket;
  readonly #received: RawMessage[] = [];
  readonly #describe: (rtpPort: number) => string;
  #wake: (() => void)[] = [];
  #rtpPackets = 0;
  #caller: SocketAddress | null = null;
  #invite: RawMessage | null = null;
  #cseq = 100;

  private constructor(sip: Socket, rtp: Socket, describe: (rtpPort: number) => string) {
    this.#sip = sip;
    this.#rtp = rtp;
    this.#describe = describe;
    sip.on('message', (datagram, { address, port }) =>
      this.#onDatagram(datagram.toString('latin1'), { address, port }),
    );
    rtp.on('message', () => {
      this.#rtpPackets += 1;
    });
  }

  /** `describe` writes the session description of its answers. */
  static async open(describe: (rtpPort: number) => string = describeAudio): Promise<ScriptedPhone> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      const listening = once(socket, 'listening');
      socket.bind(0, '127.0.0.1');
      await listening;
    }
    return new ScriptedPhone(sockets[0], sockets[1], describe);
  }

  get port(): number {
    return this.#sip.address().port;
  }

  get rtpPort(): number {
    return this.#rtp.address().port;
  }

  /** Audio packets that came so far. */
  get rtpPackets(): number {
    return this.#rtpPackets;
  }

  /** Resolves with the first message, from now on or before, whose start line matches. */
  async received(pattern: RegExp): Promise<RawMessage> {
    for (;;) {
      const found = this.#received.find((message) => pattern.test(message.startLine));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Sends a re-INVITE with a description, acknowledges the final response and returns it. */
  async reinvite(sdp: string): Promise<RawMessage> {
    this.#cseq += 1;
    const cseq = this.#cseq;
    this.#request('INVITE', cseq, sdp);
    for (;;) {
      const final = this.#received.find(
        (message) => /^SIP\/2\.0 [2-6]/.test(message.startLine) && header(message, 'CSeq') === `${cseq} INVITE`,
      );
      if (final !== undefined) {
        this.#request('ACK', cseq, '');
        return final;
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  close(): void {
    this.#sip.close();
    this.#rtp.close();
  }

  #onDatagram(text: string, from: SocketAddress): void {
    const [head = '', body = ''] = text.split('\r\n\r\n', 2);
    const [startLine = '', ...headers] = head.split('\r\n');
    const message: RawMessage = { startLine, headers, body };
    this.#received.push(message);
    if (startLine.startsWith('INVITE ')) {
      this.#caller = from;
      this.#invite = message;
      this.#respond(message, this.#describe(this.rtpPort));
    } else if (startLine.startsWith('BYE ')) {
      this.#respond(message, '');
    }
    for (const resolve of this.#wake.splice(0)) resolve();
  }

  #respond(request: RawMessage, sdp: string): void {
    const copied = request.headers.filter((line) => /^(via|from|call-id|cseq):/i.test(line));
    const to = header(request, 'To');
    const lines = [
      'SIP/2.0 200 OK',
      ...copied,
      `To: ${to.includes(';tag=') ? to : `${to};tag=scripted`}`,
      `Contact: <sip:phone@127.0.0.1:${this.port}>`,
    ];
    this.#send(lines, sdp);
  }

  /** Inside the dialog of the INVITE that came: its From and To change sides (RFC 3261 12.2.1.1). */
  #request(method: string, cseq: number, sdp: string): void {
    const invite = this.#invite;
    if (invite === null) throw new Error('nobody has called this phone');
    const target = /<([^>]+)>/.exec(header(invite, 'Contact'))?.[1] ?? '';
    const lines = [
      `${method} ${target} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bK${method}${cseq}`,
      'Max-Forwards: 70',
      `From: ${header(invite, 'To')};tag=scripted`,
      `To: ${header(invite, 'From')}`,
      `Call-ID: ${header(invite, 'Call-ID')}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:phone@127.0.0.1:${this.port}>`,
    ];
    this.#send(lines, sdp);
  }

  #send(lines: readonly string[], sdp: string): void {
    const type = sdp === '' ? [] : ['Content-Type: application/sdp'];
    const text = [...lines, ...type, `Content-Length: ${Buffer.byteLength(sdp)}`, '', sdp].join('\r\n');
    if (this.#caller !== null) this.#sip.send(text, this.#caller.port, this.#caller.address);
  }
}

/** A description of G.711 audio at a port of this machine; `lines` are further lines of the stream. */
export function describeAudio(rtpPort: number, ...lines: readonly string[]): string {
  return [
    'v=0',
    'o=phone 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${rtpPort} RTP/AVP 8 97`,
    'a=rtpmap:97 telephone-event/8000',
    ...lines,
    '',
  ].join('\r\n');
}

/** The value of a header; the empty string where it is missing. */
export function header(message: RawMessage, name: string): string {
  const prefix = `${name.toLowerCase()}:`;
  const line = message.headers.find((candidate) => candidate.toLowerCase().startsWith(prefix));
  return line?.slice(prefix.length).trim() ?? '';
}
