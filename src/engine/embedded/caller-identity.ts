import type { TrunkTarget } from '../../call/engine.ts';

/**
 * The From header value of an outgoing INVITE (RFC 3261 8.1.1.3), without a tag.
 *
 * A trunk that is an account of a carrier knows us by its username, so that is the user part there, and the number to show is the display name.
 * A trunk without one gets the number at our own host. Nothing to show is RFC 3261's anonymous user. Numbers are digits, but they came from outside:
 * whatever could end the quoted string or the URI is dropped.
 */
export function fromHeader(trunk: TrunkTarget, displayNum: string | null, ourHost: string): string {
  const shown = displayNum === null ? '' : displayNum.replace(/[^0-9A-Za-z+*#_.-]/g, '');
  if (trunk.username !== null) {
    const uri = `<sip:${escapeUser(trunk.username)}@${trunk.host}>`;
    return shown === '' ? uri : `"${shown}" ${uri}`;
  }
  if (shown === '') return '"Anonymous" <sip:anonymous@anonymous.invalid>';
  return `<sip:${escapeUser(shown)}@${ourHost}>`;
}

/** Escapes what may not stand in the user part of a SIP URI (RFC 3261 25.1, `user`). */
export function escapeUser(user: string): string {
  return user.replace(/[^0-9A-Za-z\-_.!~*'()&=+$,;?/]/gu, (character) => encodeURIComponent(character));
}
