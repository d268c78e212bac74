import type { SocketAddress } from '../endpoint-types.ts';
import { defaultPorts } from '../transport/hop.ts';
import type { Source } from '../transport/transport.ts';
import { endOfFirstValue } from './header-values.ts';
import type { SipMessage } from './sip-message.ts';
import type { Via } from './via.ts';
import { writeBody } from './write-request.ts';

export type ResponseFields = {
  readonly status: number;
  readonly reason: string;
  /** Added to To when the request had none; null: none. */
  readonly toTag: string | null;
  /** Further header lines, each with its CRLF. */
  readonly lines: string;
  readonly contentType: string | null;
  readonly body: string;
};

/** What all responses to one request have in common, built once (RFC 3261 section 8.2.6). */
export class ResponseTemplate {
  readonly #head: string;
  readonly #to: string;
  readonly #tail: string;
  readonly #hasToTag: boolean;

  constructor(request: SipMessage, source: SocketAddress) {
    let vias = '';
    let isFirst = true;
    for (const line of request.lines('via')) {
      vias += `Via: ${isFirst ? stampVia(line, request.via, source) : line}\r\n`;
      isFirst = false;
    }
    this.#head = `${vias}From: ${request.header('from') ?? ''}\r\nTo: `;
    this.#to = request.header('to') ?? '';
    this.#hasToTag = request.toTag !== null;
    this.#tail = `\r\nCall-ID: ${request.callId}\r\nCSeq: ${request.header('cseq') ?? ''}\r\n`;
  }

  write(fields: ResponseFields): Buffer {
    const tag = this.#hasToTag || fields.toTag === null ? '' : `;tag=${fields.toTag}`;
    const text =
      `SIP/2.0 ${fields.status} ${fields.reason}\r\n${this.#head}${this.#to}${tag}${this.#tail}${fields.lines}` +
      writeBody(fields.contentType, fields.body);
    return Buffer.from(text, 'latin1');
  }
}

/** Fills `received` and `rport` into the topmost Via (RFC 3261 section 18.2.1, RFC 3581 section 4). */
function stampVia(line: string, via: Via | null, source: SocketAddress): string {
  if (via === null) return line;
  if (via.rport === null && via.host.toLowerCase() === source.address) return line;
  const end = endOfFirstValue(line, 0);
  // Written so that no two neighbours match the same characters: the line is a stranger's.
  const first = line.slice(0, end).replace(/;\s*(?:received|rport)(?:\s*=\s*[^;,\s]*)?(?=\s*(?:;|$))/gi, '');
  const rport = via.rport === null ? '' : `;rport=${source.port}`;
  return `${first.trimEnd()};received=${source.address}${rport}${line.slice(end)}`;
}

/**
 * Where the responses to a request go: over the connection that it came on, while that is open; else to its source, and to the source port when the sender asked for that with `rport`
 * (RFC 3581 section 4), else to the port it named (RFC 3261 section 18.2.2).
 * Deviation: `maddr` is not followed; it is for multicast, and lets a stranger aim our responses at somebody else.
 */
export function responseDestination(via: Via, source: Source): Source {
  const { transport } = source;
  // Over a connection the port is that for the case that the connection has gone: the source port was its own alone.
  return via.rport === null || transport !== 'udp' ? { ...source, port: via.port ?? defaultPorts[transport] } : source;
}
