import { paramOf } from '../message/header-values.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { isSameUri } from '../message/same-uri.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { detached } from '../message/wire-text.ts';

/** What a 2xx to a REGISTER says. */
export type RegisterGrant = {
  /** How long the shortest of our bindings stands, s; 0: the registrar keeps none. */
  readonly expiresS: number;
  /** Route values for requests of ours, in order (RFC 3608); empty: none. */
  readonly serviceRoute: readonly string[];
  /** The registrar reaches us by the connection that the REGISTER came over (RFC 5626 section 4.2.1, step 5 of section 6). */
  readonly isOutbound: boolean;
};

/**
 * Reads a 2xx to our REGISTER. The registrar lists every binding of the address of record, also those of other processes and devices: ours are found by
 * comparing URIs (RFC 3261 section 10.2.4), and say how long they stand in their `expires`, else in the Expires header, else as long as we asked for.
 *
 * Deviation: a list without ours would mean that we are not registered. Registrars that rewrite a Contact to where it came from (NAT) say so and are right all
 * the same; the shortest time of the list is taken then, so that we are back in time whichever is ours.
 */
export function readGrant(response: SipMessage, contacts: readonly string[], askedS: number): RegisterGrant {
  const fallbackS = secondsOf(response.header('expires')) ?? askedS;
  const bindings = response.list('contact').flatMap((value) => {
    const contact = parseNameAddr(value);
    if (contact === null) return [];
    return [{ uri: contact.uri, expiresS: secondsOf(paramOf(contact.params, 0, 'expires')) ?? fallbackS }];
  });
  const ours = bindings.filter(({ uri }) => contacts.some((contact) => isSameUri(contact, uri)));
  const counted = ours.length > 0 ? ours : bindings;
  return {
    expiresS: counted.length === 0 ? fallbackS : Math.min(...counted.map(({ expiresS }) => expiresS)),
    // Section 5: a 2xx without any withdraws the former. Kept for an hour: on its own.
    serviceRoute: response.list('service-route').map(detached),
    isOutbound: response.hasToken('require', 'outbound'),
  };
}

/** Delta seconds (RFC 3261 section 25.1); null: absent, or no number. A comment may follow in Retry-After. */
export function secondsOf(value: string | null): number | null {
  const match = value === null ? null : /^\s*(\d{1,10})(?=[\s;(]|$)/.exec(value);
  return match === null ? null : Number(match[1]);
}
