import { splitValues, unquote } from '../message/header-values.ts';

/** A Digest challenge that can be answered (RFC 7616 section 3.3). */
export type DigestChallenge = {
  readonly realm: string;
  readonly nonce: string;
  /** null: none was given, and none is sent back. */
  readonly opaque: string | null;
  /** As it was written; null: none, which means MD5. */
  readonly algorithm: string | null;
  readonly hash: 'md5' | 'sha256';
  /** Whether `qop=auth` was offered; else the form of RFC 2069 is used. */
  readonly hasQopAuth: boolean;
  /** The nonce was too old, the credentials were not judged. */
  readonly isStale: boolean;
};

/**
 * The first challenge of a WWW-Authenticate or Proxy-Authenticate header that can be answered, null when there is none. The server
 * lists them in its order of preference (RFC 8760 section 2.4).
 */
export function chooseChallenge(lines: readonly string[]): DigestChallenge | null {
  for (const line of lines) {
    for (const params of splitChallenges(line)) {
      const challenge = readChallenge(params);
      if (challenge !== null) return challenge;
    }
  }
  return null;
}

/** A comma separates both challenges and the parameters of one; a challenge starts where a scheme name stands before the first one. */
function splitChallenges(line: string): Map<string, string>[] {
  const challenges: Map<string, string>[] = [];
  let current: Map<string, string> | null = null;
  for (const part of splitValues(line)) {
    const start = /^([a-z0-9-]+)\s+(?=[a-z])/i.exec(part);
    if (start !== null) {
      current = start[1]?.toLowerCase() === 'digest' ? new Map() : null;
      if (current !== null) challenges.push(current);
    }
    const param = start === null ? part : part.slice(start[0].length);
    const equals = param.indexOf('=');
    if (equals > 0) current?.set(param.slice(0, equals).trim().toLowerCase(), unquote(param.slice(equals + 1).trim()));
  }
  return challenges;
}

function readChallenge(params: Map<string, string>): DigestChallenge | null {
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  const algorithm = params.get('algorithm') ?? null;
  const hash = hashOf(algorithm);
  if (realm === undefined || nonce === undefined || hash === null) return null;
  const qop = params.get('qop');
  const offered = qop === undefined ? [] : qop.split(',').map((value) => value.trim().toLowerCase());
  // Only auth-int: the body would have to be protected, which nobody here can.
  if (qop !== undefined && !offered.includes('auth')) return null;
  return {
    realm,
    nonce,
    opaque: params.get('opaque') ?? null,
    algorithm,
    hash,
    hasQopAuth: qop !== undefined,
    isStale: params.get('stale')?.toLowerCase() === 'true',
  };
}

function hashOf(algorithm: string | null): DigestChallenge['hash'] | null {
  switch (algorithm?.toLowerCase() ?? 'md5') {
    case 'md5':
      return 'md5';
    case 'sha-256':
      return 'sha256';
    default:
      return null;
  }
}
