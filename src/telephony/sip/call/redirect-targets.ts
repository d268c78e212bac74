import { paramOf } from '../message/header-values.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { isSameUri } from '../message/same-uri.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import { detached } from '../message/wire-text.ts';

/** Where a redirected call goes next; wire text. */
export type RedirectTarget = {
  /** The Request-URI. */
  readonly uri: string;
  /** Whom to ask: the Request-URI, or the proxy that a 305 sent us to. */
  readonly next: string;
  readonly isProxy: boolean;
};

/** 300, 301 and 302 name other addresses of the callee, 380 another service; 305 a proxy for the same address (RFC 3261 section 21.3). */
const followed: ReadonlySet<number> = new Set([300, 301, 302, 305, 380]);

/** A response may name more; whoever redirects in earnest names few. */
const maxContacts = 10;

/**
 * The target set of an outgoing call (RFC 3261 section 8.1.3.4): the addresses that redirections named, best first, each tried once. What a target
 * names itself comes before what is left of those before it. `max` limits how many are tried in all, so that a loop of two servers that make up new
 * addresses ends too.
 */
export class RedirectTargets {
  readonly #original: string;
  readonly #known: string[];
  #waiting: RedirectTarget[] = [];
  #left: number;
  /** The Request-URI that was answered last. */
  #current: string;

  /** `original`: the Request-URI of the call; wire text. */
  constructor(original: string, max: number) {
    this.#original = original;
    this.#current = original;
    this.#known = [original];
    this.#left = max;
  }

  /** Takes in the Contacts of a response that redirects; any other changes nothing. */
  take(response: SipMessage): void {
    if (this.#left === 0 || !followed.has(response.status)) return;
    const contacts = response
      .list('contact')
      .slice(0, maxContacts)
      .flatMap((value) => this.#read(value, response.status === 305));
    contacts.sort((a, b) => b.preference - a.preference);
    const fresh: RedirectTarget[] = [];
    for (const { target } of contacts) {
      if (this.#known.some((uri) => isSameUri(uri, target.next))) continue;
      this.#known.push(target.next);
      fresh.push(target);
    }
    this.#waiting = [...fresh, ...this.#waiting];
  }

  /** Whether {@link next} has one. */
  get hasNext(): boolean {
    return this.#left > 0 && this.#waiting.length > 0;
  }

  /** The target to try next; null: there is none, or enough were tried. */
  next(): RedirectTarget | null {
    if (this.#left === 0) return null;
    const target = this.#waiting.shift();
    if (target === undefined) return null;
    this.#left -= 1;
    this.#current = target.uri;
    return target;
  }

  /** None or one. Without a q value a Contact is taken for the best: most who redirect name one and give it none. */
  #read(contact: string, isProxy: boolean): { target: RedirectTarget; preference: number }[] {
    const address = parseNameAddr(contact);
    const uri = address === null ? null : this.#calledBy(address.uri);
    if (address === null || uri === null) return [];
    const q = Number(paramOf(address.params, 0, 'q') ?? '1');
    const preference = q >= 0 && q <= 1 ? q : 0;
    return [{ target: { uri: isProxy ? this.#current : uri, next: uri, isProxy }, preference }];
  }

  /** The URI as it is called: without what would be put into headers (section 19.1.5), and a number at our own trunk; null: nothing we call. */
  #calledBy(given: string): string | null {
    const uri = detached(given)
      .replace(/\?.*$/s, '')
      .replace(/;method=[^;]*/gi, '');
    if (/[<>"]/.test(uri)) return null;
    const number = /^tel:(\+?[\d().-]+)(?:;|$)/i.exec(uri)?.[1];
    if (number !== undefined) {
      const digits = number.replace(/[^\d+]/g, '');
      return digits.length < 2 ? null : this.#original.replace(/^(sips?):[^@]*@/i, `$1:${digits}@`);
    }
    const parsed = parseSipUri(uri);
    if (parsed === null) return null;
    // Section 8.1.3.4: what was to be secure all the way is not given to anybody else.
    return /^sips:/i.test(this.#original) && parsed.scheme !== 'sips' ? null : uri;
  }
}
