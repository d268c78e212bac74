import { isToken } from './cseq.ts';
import { canonicalHeaderName } from './header-names.ts';
import { parseNameAddr } from './name-addr.ts';
import { SipMessage } from './sip-message.ts';
import { hasEmptyParts } from './via.ts';

/**
 * `message` when the datagram can be worked with. `flaw` when it is a request that can be told so: everything a response needs is
 * there, the rest is not right. `null`: not SIP, or nothing to answer to.
 */
export type ParsedDatagram =
  | { readonly message: SipMessage; readonly flaw: null }
  | { readonly message: SipMessage; readonly flaw: MessageFlaw }
  | null;

/** What is wrong with a request, as the status and reason that say so. */
export type MessageFlaw = { readonly status: 400 | 505; readonly reason: string };

/** More lines than this, folded ones included, are nobody's honest message. */
const maxHeaderLines = 200;

const mandatory = ['via', 'from', 'to', 'call-id', 'cseq'] as const;

/** Headers that say one thing: two of them leave open which one is meant (RFC 3261 section 7.3.1). */
const single = ['from', 'to', 'call-id', 'cseq', 'content-length', 'max-forwards'] as const;

type StartLine = Pick<SipMessage, 'method' | 'uri' | 'status' | 'reason'> & {
  readonly isVersion2: boolean;
  /** Whether the parts of a request line stand as section 7.1 wants them. */
  readonly isClean: boolean;
};

type Headers = { readonly names: string[]; readonly values: string[] };

/** Reads one datagram (RFC 3261 sections 7 and 18.3). Never throws. */
export function parseMessage(datagram: Buffer): ParsedDatagram {
  const text = datagram.toString('latin1');
  let start = 0;
  while (text.charCodeAt(start) === 0x0d || text.charCodeAt(start) === 0x0a) start++;
  const lineEnd = endOfLine(text, start);
  if (lineEnd === -1) return null;
  const startLine = parseStartLine(text.slice(start, lineEnd));
  if (startLine === null) return null;
  const headers: Headers = { names: [], values: [] };
  const bodyStart = readHeaders(text, afterLine(text, lineEnd), headers);
  if (bodyStart === -1) return null;
  for (const name of mandatory) if (!headers.names.includes(name)) return null;
  const available = text.length - bodyStart;
  const length = contentLength(headers, available);
  const body = length === 0 ? '' : text.slice(bodyStart, bodyStart + Math.min(length ?? available, available));
  const message = new SipMessage({
    method: startLine.method,
    uri: startLine.uri,
    status: startLine.status,
    reason: startLine.reason,
    names: headers.names,
    values: headers.values,
    body,
  });
  return judge(message, startLine, length !== null && length <= available);
}

function judge(message: SipMessage, startLine: StartLine, isComplete: boolean): ParsedDatagram {
  const cseq = message.cseq;
  const repeated = single.find((name) => message.isRepeated(name));
  if (!message.isRequest) {
    return isComplete && cseq !== null && repeated === undefined ? { message, flaw: null } : null;
  }
  if (message.via === null) return null;
  if (!startLine.isVersion2) return { message, flaw: { status: 505, reason: 'Version Not Supported' } };
  if (!startLine.isClean) return flawed(message, 'Bad Request-Line');
  if (repeated !== undefined) return flawed(message, `Repeated ${repeated}`);
  if (cseq === null || cseq.method !== message.method) return flawed(message, 'Bad CSeq');
  if (!isComplete) return flawed(message, 'Bad Content-Length');
  if (hasEmptyParts(message.header('via') ?? '')) return flawed(message, 'Bad Via');
  if (parseNameAddr(message.header('from') ?? '') === null) return flawed(message, 'Bad From');
  if (parseNameAddr(message.header('to') ?? '') === null) return flawed(message, 'Bad To');
  return { message, flaw: null };
}

function flawed(message: SipMessage, reason: string): ParsedDatagram {
  return { message, flaw: { status: 400, reason } };
}

function parseStartLine(line: string): StartLine | null {
  if (line.startsWith('SIP/2.0 ')) {
    const status = Number(line.slice(8, 11));
    if (!Number.isInteger(status) || status < 100 || status > 699) return null;
    if (line.length > 11 && line.charCodeAt(11) !== 0x20) return null;
    return { method: '', uri: '', status, reason: line.slice(12), isVersion2: true, isClean: true };
  }
  const text = line.trimEnd();
  const first = text.indexOf(' ');
  const last = text.lastIndexOf(' ');
  if (first < 1 || last === first) return null;
  const method = text.slice(0, first);
  const uri = text.slice(first + 1, last);
  const version = text.slice(last + 1);
  if (!isToken(method) || uri.trim() === '' || !/^SIP\/\d+\.\d+$/i.test(version)) return null;
  const isClean = text.length === line.length && isRequestUri(uri);
  return { method, uri, status: 0, reason: '', isVersion2: version.toUpperCase() === 'SIP/2.0', isClean };
}

/** An absolute URI without brackets and spaces; headers in it are for Contact and links, not for a Request-URI (RFC 3261 section 19.1.1). */
function isRequestUri(uri: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:[^\s<>"]+$/i.test(uri)) return false;
  return !/^sips?:/i.test(uri) || uri.indexOf('?', uri.indexOf('@') + 1) === -1;
}

/** Cuts the header lines out. Returns where the body starts, -1 when there is no end of headers or a line is no header. */
function readHeaders(text: string, start: number, headers: Headers): number {
  let at = start;
  let lineCount = 0;
  for (;;) {
    const end = endOfLine(text, at);
    if (end === -1) return -1;
    if (end === at) return afterLine(text, end);
    // A lone CR would be a line break to some of those who get our responses, with this header echoed in them.
    const carriageReturn = text.indexOf('\r', at);
    if ((carriageReturn !== -1 && carriageReturn < end) || ++lineCount > maxHeaderLines) return -1;
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x09) {
      // A folded line goes on with the value before it (section 7.3.1).
      const last = headers.values.length - 1;
      if (last < 0) return -1;
      headers.values[last] = `${headers.values[last]} ${text.slice(at, end).trim()}`.trim();
    } else {
      const colon = text.indexOf(':', at);
      if (colon === -1 || colon > end || colon === at) return -1;
      headers.names.push(canonicalHeaderName(text.slice(at, colon).trimEnd()));
      headers.values.push(text.slice(colon + 1, end).trim());
    }
    at = afterLine(text, end);
  }
}

/** Lines end with CRLF; a lone LF is taken too, because some senders do it. */
function endOfLine(text: string, start: number): number {
  const feed = text.indexOf('\n', start);
  if (feed === -1) return -1;
  return feed > start && text.charCodeAt(feed - 1) === 0x0d ? feed - 1 : feed;
}

function afterLine(text: string, end: number): number {
  return text.charCodeAt(end) === 0x0d ? end + 2 : end + 1;
}

/** The stated length of the body, what is there when nothing is stated (section 18.3), null when it is no number. */
function contentLength(headers: Headers, available: number): number | null {
  const at = headers.names.indexOf('content-length');
  if (at === -1) return available;
  const value = headers.values[at] ?? '';
  return /^\d{1,9}$/.test(value) ? Number(value) : null;
}
