import { hash } from 'node:crypto';
import type { Random } from '../../../lib/random.ts';
import type { Credentials } from '../endpoint-types.ts';
import { quote } from '../message/header-values.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire, toWireValue } from '../message/wire-text.ts';
import { chooseChallenge, type DigestChallenge } from './digest-challenge.ts';

/** How often one request has answered which challenge; a new one for each request, kept over its repetitions. */
export type DigestTries = Map<string, number>;

/** A nonce may be stale this often in a row before it is taken as a refusal. */
const maxTries = 3;

type Session = { readonly challenge: DigestChallenge; nonceCount: number };

/**
 * Answers Digest challenges (RFC 3261 section 22, RFC 7616, RFC 8760) for the requests of one call. Challenges are kept, so that the
 * later requests of the dialog carry credentials at once (section 22.3), with a nonce count of their own.
 */
export class DigestClient {
  readonly #credentials: Credentials;
  readonly #random: Random;
  /** By header and realm: a proxy and the far end may each ask. */
  readonly #sessions = new Map<string, Session>();

  constructor(credentials: Credentials, random: Random) {
    this.#credentials = credentials;
    this.#random = random;
  }

  /**
   * Takes in a 401 or 407. Whether the request is worth sending again: the challenge can be answered, and this request has not been
   * refused with an answer to it already (a stale nonce is no refusal).
   */
  accept(response: SipMessage, tries: DigestTries): boolean {
    const isProxy = response.status === 407;
    const challenge = chooseChallenge(response.lines(isProxy ? 'proxy-authenticate' : 'www-authenticate'));
    if (challenge === null) return false;
    const key = `${isProxy ? 'Proxy-Authorization' : 'Authorization'}: ${challenge.realm}`;
    const made = tries.get(key) ?? 0;
    if (made > 0 && !(challenge.isStale && made < maxTries)) return false;
    tries.set(key, made + 1);
    this.#sessions.set(key, { challenge, nonceCount: 0 });
    return true;
  }

  /** The header lines, with CRLF each, that authorize a request; '' before any challenge. */
  authorize(method: string, uri: string): string {
    let lines = '';
    for (const [key, session] of this.#sessions) {
      lines += `${key.slice(0, key.indexOf(':'))}: ${this.#answer(session, method, uri)}\r\n`;
    }
    return lines;
  }

  #answer(session: Session, method: string, uri: string): string {
    const { challenge } = session;
    const { username, password } = this.#credentials;
    const digest = (text: string): string => hash(challenge.hash, text, 'hex');
    // Realm and nonce are wire text; the hash is over what they mean, UTF-8 on both sides.
    const secret = digest(`${username}:${fromWire(challenge.realm)}:${password}`);
    const request = digest(`${method}:${uri}`);
    let line = `Digest username=${quote(toWireValue(username))}, realm=${quote(challenge.realm)}, nonce=${quote(challenge.nonce)}, uri="${uri}"`;
    if (challenge.hasQopAuth) {
      const count = (++session.nonceCount).toString(16).padStart(8, '0');
      const cnonce = this.#random.hex(8);
      const response = digest(`${secret}:${fromWire(challenge.nonce)}:${count}:${cnonce}:auth:${request}`);
      line += `, response="${response}", qop=auth, nc=${count}, cnonce="${cnonce}"`;
    } else {
      line += `, response="${digest(`${secret}:${fromWire(challenge.nonce)}:${request}`)}"`;
    }
    if (challenge.algorithm !== null) line += `, algorithm=${challenge.algorithm}`;
    if (challenge.opaque !== null) line += `, opaque=${quote(challenge.opaque)}`;
    return line;
  }
}
