/** What a ladder says of a message. */
export type MessageSummary = {
  /** `INVITE`, `180 Ringing`, `200 OK (BYE)`. */
  readonly title: string;
  /** What else is worth a line: where an INVITE goes, media, reasons. */
  readonly details: readonly string[];
};

/** Reads what a ladder needs from a message's wire text. Takes anything: what it cannot read it leaves out. */
export function summarize(text: string): MessageSummary {
  const lines = text.split(/\r?\n/);
  const start = lines[0] ?? '';
  const end = lines.indexOf('');
  const headers = lines.slice(1, end === -1 ? undefined : end);
  const body = end === -1 ? [] : lines.slice(end + 1);
  const method = /^\d+\s+(\S+)/.exec(headerOf(headers, 'cseq'))?.[1] ?? '';
  const details = [...shownHeaders(headers), ...mediaOf(body)];
  const response = /^SIP\/2\.0 (\d{3}.*)$/.exec(start);
  if (response !== null) {
    const status = response[1] ?? '';
    const targets = status.startsWith('3') ? [`to ${headerOf(headers, 'contact', 'm')}`] : [];
    const title = readable(method === 'INVITE' || method === '' ? status : `${status} (${method})`);
    return { title, details: [...targets, ...details].map(readable) };
  }
  const [name = '', uri = ''] = start.split(' ');
  const targets = name === 'INVITE' ? [`to ${uri}`] : [];
  return { title: readable(name), details: [...targets, ...details].map(readable) };
}

/** The first of that name; '' when absent. */
function headerOf(headers: readonly string[], ...names: readonly string[]): string {
  for (const line of headers) {
    const colon = line.indexOf(':');
    if (colon > 0 && names.includes(line.slice(0, colon).trim().toLowerCase())) return line.slice(colon + 1).trim();
  }
  return '';
}

/** Those that say why something went as it did. */
const shownNames = ['Reason', 'Warning', 'Retry-After', 'Require', 'Unsupported', 'Session-Expires', 'Min-SE', 'RSeq'];

function shownHeaders(headers: readonly string[]): string[] {
  const shown = shownNames.flatMap((name) => {
    const value = headerOf(headers, name.toLowerCase());
    return value === '' ? [] : [`${name}: ${value}`];
  });
  const credentials = headerOf(headers, 'authorization', 'proxy-authorization');
  return credentials === ''
    ? shown
    : [...shown, `with credentials of ${/username="?([^",]*)/i.exec(credentials)?.[1]}`];
}

/** One line for each media stream of a session description. */
function mediaOf(body: readonly string[]): string[] {
  const sessionAddress = addressOf(
    body.slice(
      0,
      Math.max(
        0,
        body.findIndex((line) => line.startsWith('m=')),
      ),
    ),
  );
  const starts = body.flatMap((line, index) => (line.startsWith('m=') ? [index] : []));
  return starts.map((start, at) => streamOf(body.slice(start, starts[at + 1]), sessionAddress));
}

function streamOf(lines: readonly string[], sessionAddress: string): string {
  const [kind = '', port = '', , ...formats] = (lines[0] ?? '').slice(2).split(' ');
  const names = formats.map((format) => rtpmapOf(lines, format) ?? staticNames[format] ?? format);
  const direction = lines.find((line) => /^a=(?:sendrecv|sendonly|recvonly|inactive)$/.test(line))?.slice(2);
  const isEncrypted = lines.some((line) => line.startsWith('a=crypto:'));
  const parts = [`SDP ${kind} ${addressOf(lines) || sessionAddress || '?'}:${port}`, ...names];
  if (isEncrypted) parts.push('SRTP');
  if (direction !== undefined && direction !== 'sendrecv') parts.push(direction);
  return parts.join(' ');
}

/** RFC 3551 section 6. */
const staticNames: Readonly<Record<string, string>> = { 0: 'PCMU', 3: 'GSM', 8: 'PCMA', 9: 'G722', 18: 'G729' };

function rtpmapOf(lines: readonly string[], format: string): string | null {
  const line = lines.find((candidate) => candidate.startsWith(`a=rtpmap:${format} `));
  return line === undefined ? null : (line.split(' ')[1]?.split('/')[0] ?? null);
}

function addressOf(lines: readonly string[]): string {
  return lines.find((line) => line.startsWith('c='))?.split(' ')[2] ?? '';
}

/** Wire text to one printable line: what came from outside must not draw on a terminal. */
function readable(wire: string): string {
  return Buffer.from(wire, 'latin1')
    .toString('utf8')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
}
