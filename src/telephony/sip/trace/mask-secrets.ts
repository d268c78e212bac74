/**
 * Replaces everything secret in a message, so that what is left may be kept and shown:
 *
 * - Authorization, Proxy-Authorization and the two -Info headers: each parameter that is not known to be harmless. `response` and `rspauth` are
 *   made with the password, and with them it can be guessed at leisure; user, realm, nonces and counters say nothing without them, and are
 *   what one looks for when a trunk answers 401 again and again. Another scheme than Digest is hidden whole.
 * - `sip:user:password@host`: the password.
 * - SDP: the keys of `a=crypto`, `a=key-mgmt`, `k=` and `a=ice-pwd`.
 * - Every other body, except for how long a key was pressed: INFO carries digits, and among them may be a PIN.
 *
 * Bodies keep their length, so Content-Length stays true. Takes and gives wire text; takes broken messages too.
 */
export function maskSecrets(text: string): string {
  const headerEnd = endOfHeaders(text);
  const head = text.slice(0, headerEnd);
  const body = text.slice(headerEnd);
  return maskHead(head) + maskBody(head, body);
}

const filler = '*';
const hidden = '********';

/** Where the body starts: behind the first empty line; the whole length without one. */
function endOfHeaders(text: string): number {
  const found = /\n\r?\n/.exec(text);
  return found === null ? text.length : found.index + found[0].length;
}

/** A header from its name to its end, over folded lines. */
const credentialHeader = /^((?:proxy-)?auth(?:orization|entication-info)[ \t]*:)([^\n]*(?:\n[ \t][^\n]*)*)/gim;
/** Quick to see that there are none. */
const anyCredential = /^(?:proxy-)?auth/im;
/** What ends a URI, or may not stand in its user part. */
const outsideUser = /[\s<>"]/;

function maskHead(head: string): string {
  const hasCredentials = anyCredential.test(head);
  return maskUserPasswords(hasCredentials ? head.replace(credentialHeader, maskCredentialHeader) : head);
}

function maskCredentialHeader(_all: string, name: string, value: string): string {
  return `${name} ${maskCredentials(value.trim())}${value.endsWith('\r') ? '\r' : ''}`;
}

/** From each @ back to where its URI begins: there are a handful, and every character is looked at once. */
function maskUserPasswords(head: string): string {
  let masked = '';
  let done = 0;
  let isMasked = false;
  for (let at = head.indexOf('@'); at !== -1; at = head.indexOf('@', at + 1)) {
    let start = at;
    while (start > done && !outsideUser.test(head.charAt(start - 1))) start--;
    const user = head.slice(start, at);
    // A password with an @ in it is none by RFC 3261, and is hidden whole all the same.
    const isRest: boolean = isMasked && start === done;
    const kept: string | undefined = isRest ? '@' : /^.*?sips?:[^:]*:/i.exec(user)?.[0];
    isMasked = kept !== undefined;
    masked += head.slice(done, start) + (kept === undefined ? user : kept + hidden);
    done = at;
  }
  return masked + head.slice(done);
}

/** RFC 7616 section 3.4 and RFC 3261 section 25.1, without those that are made with the password. */
const harmless = new Set([
  ...['username', 'realm', 'nonce', 'nextnonce', 'uri', 'opaque', 'algorithm', 'cnonce', 'qop', 'nc', 'stale'],
]);
const parameter = /([\w-]+)[ \t]*=[ \t]*("(?:[^"\\]|\\[^\r\n])*"|[^\s,"]*)/g;

function maskCredentials(value: string): string {
  const unfolded = value.replace(/\r?\n[ \t]+/g, ' ');
  // The -Info headers have no scheme before their parameters.
  const scheme = /^(?:digest[ \t]+(?=[\w-]+[ \t]*=)|(?=[\w-]+[ \t]*=))/i.exec(unfolded)?.[0] ?? null;
  if (scheme === null) return hidden;
  const parts: string[] = [];
  for (const [, name = '', content = ''] of unfolded.slice(scheme.length).matchAll(parameter)) {
    parts.push(harmless.has(name.toLowerCase()) ? `${name}=${content}` : `${name}="${hidden}"`);
  }
  return scheme + parts.join(', ');
}

function maskBody(head: string, body: string): string {
  if (body === '') return '';
  const stated = /^(?:content-type|c)[ \t]*:\s*([^\s;,]+)/im.exec(head)?.[1]?.toLowerCase();
  const type = stated ?? (body.startsWith('v=0') ? 'application/sdp' : '');
  if (type === 'application/sdp') return sdpSecret.test(body) ? body.replace(/[^\r\n]+/g, maskSdpLine) : body;
  if (type === 'application/dtmf-relay') return body.replace(/[^\r\n]+/g, maskDtmfLine);
  return fill(body);
}

/** In a line that may hold a key; most descriptions have none. */
const sdpSecret = /crypto|inline:|key-mgmt|ice-pwd|^[ \t]*k=/im;

function maskSdpLine(line: string): string {
  const [kept = ''] =
    /^[ \t]*(?:k=|a=(?:key-mgmt|ice-pwd):|a=crypto:[ \t]*\d{0,9}[ \t]+[\w-]{1,40}[ \t]+(?:inline:)?)/i.exec(line) ?? [];
  if (kept !== '') return kept + fill(line.slice(kept.length));
  return /inline:|^[ \t]*a=crypto/i.test(line) ? fill(line) : line;
}

function maskDtmfLine(line: string): string {
  if (/^Duration=\d{1,6}$/i.test(line)) return line;
  const [kept = ''] = /^Signal=/i.exec(line) ?? [];
  return kept + fill(line.slice(kept.length));
}

/** As many characters, and the same line ends. */
function fill(text: string): string {
  return text.replace(/[^\r\n]/g, filler);
}
