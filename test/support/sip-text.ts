/**
 * Just enough SIP to be called: written for the tests and from RFC 3261 alone, apart from the library under test, so that what it sees is
 * a proof.
 */
export type SipText = {
  /** null: a response. */
  readonly method: string | null;
  readonly uri: string;
  /** By lower-case name, compact forms spelled out, in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
};

const compactForms: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
};

/** null: not SIP (a keep-alive, say). */
export function parseSip(packet: Buffer): SipText | null {
  const text = packet.toString();
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [startLine = '', ...lines] = text
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const written = line.slice(0, colon).trim().toLowerCase();
    const name = compactForms[written] ?? written;
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const isResponse = startLine.startsWith('SIP/2.0');
  const [method = '', uri = ''] = startLine.split(' ');
  return { method: isResponse ? null : method, uri, headers, body: text.slice(end + 4) };
}

/** The first header of that name, or the empty string. */
export function headerOf(message: SipText, name: string): string {
  return message.headers.get(name)?.[0] ?? '';
}

/** The branch of the topmost Via: the transaction's name (RFC 3261 17.2.3). */
export function branchOf(message: SipText): string {
  return /;\s*branch=([^;,\s]+)/i.exec(headerOf(message, 'via'))?.[1] ?? '';
}

export type ResponseOptions = {
  readonly status: number;
  readonly reason: string;
  readonly toTag: string;
  readonly contact: string;
  readonly sdp: string | null;
};

/** A response as RFC 3261 8.2.6 has it: Via, From, To, Call-ID and CSeq of the request. */
export function responseTo(request: SipText, options: ResponseOptions): Buffer {
  const { status, reason, toTag, contact, sdp } = options;
  const to = headerOf(request, 'to');
  const lines = [
    `SIP/2.0 ${status} ${reason}`,
    ...(request.headers.get('via') ?? []).map((via) => `Via: ${via}`),
    ...(request.headers.get('record-route') ?? []).map((route) => `Record-Route: ${route}`),
    `From: ${headerOf(request, 'from')}`,
    `To: ${/;\s*tag=/i.test(to) || status === 100 ? to : `${to};tag=${toTag}`}`,
    `Call-ID: ${headerOf(request, 'call-id')}`,
    `CSeq: ${headerOf(request, 'cseq')}`,
    `Contact: <${contact}>`,
    ...(sdp === null ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(sdp ?? '')}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${sdp ?? ''}`);
}

/** An answer (RFC 3264) that takes the first of PCMA and PCMU that is offered, and telephone events if they are. */
export function answerSdp(offer: string, address: string, port: number): string {
  const offered = /^m=audio \d+ RTP\/AVP (.+)$/m.exec(offer)?.[1]?.trim().split(' ') ?? [];
  const codec = offered.find((payloadType) => payloadType === '8' || payloadType === '0') ?? '8';
  const events = /^a=rtpmap:(\d+) telephone-event\/8000/m.exec(offer)?.[1];
  return [
    'v=0',
    `o=far 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${[codec, events].filter((payloadType) => payloadType !== undefined).join(' ')}`,
    `a=rtpmap:${codec} ${codec === '8' ? 'PCMA' : 'PCMU'}/8000`,
    ...(events === undefined ? [] : [`a=rtpmap:${events} telephone-event/8000`, `a=fmtp:${events} 0-15`]),
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n');
}
