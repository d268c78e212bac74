import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../lib/random.ts';
import type { Credentials } from '../telephony/sip/endpoint-types.ts';

/** Asks callers for a password, as a carrier's proxy does (RFC 3261 22.3, RFC 2617 3.2; MD5, qop auth). */
export interface DigestGate {
  /** Whether the value of a Proxy-Authorization header is right for an INVITE; null header: no. */
  isAuthorized(header: string | null): boolean;
  /** The value of a fresh Proxy-Authenticate header. */
  challenge(): string;
}

const realm = 'simulated-carrier';

export function createDigestGate(credentials: Credentials, random: Random): DigestGate {
  const nonces = new Set<string>();
  const ha1 = md5(`${credentials.username}:${realm}:${credentials.password}`);

  function expected(fields: ReadonlyMap<string, string>): string {
    const ha2 = md5(`INVITE:${fields.get('uri') ?? ''}`);
    const nonce = fields.get('nonce') ?? '';
    if (fields.get('qop') === undefined) return md5(`${ha1}:${nonce}:${ha2}`);
    const parts = [ha1, nonce, fields.get('nc') ?? '', fields.get('cnonce') ?? '', fields.get('qop') ?? '', ha2];
    return md5(parts.join(':'));
  }

  return {
    isAuthorized(header) {
      if (header === null || !/^digest\s/i.test(header)) return false;
      const fields = readFields(header.slice(7));
      if (fields.get('username') !== credentials.username || fields.get('realm') !== realm) return false;
      if (!nonces.delete(fields.get('nonce') ?? '')) return false;
      const given = Buffer.from((fields.get('response') ?? '').toLowerCase());
      const wanted = Buffer.from(expected(fields));
      return given.length === wanted.length && timingSafeEqual(given, wanted);
    },
    challenge() {
      const nonce = random.hex(16);
      nonces.add(nonce);
      return `Digest realm="${realm}", nonce="${nonce}", algorithm=MD5, qop="auth"`;
    },
  };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** `name=value` and `name="value"` pairs, names in lower case. */
function readFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const match of text.matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)) {
    fields.set((match[1] ?? '').toLowerCase(), match[2] ?? match[3] ?? '');
  }
  return fields;
}
