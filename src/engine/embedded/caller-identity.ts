import { isIPv6 } from 'node:net';
import type { TrunkTarget } from '../../call/engine.ts';

/** Who calls, as an INVITE says it. */
export type CallerIdentity = {
  /** The From value (RFC 3261 8.1.1.3), without a tag. */
  readonly from: string;
  /** Further headers, in order: who asserts the number, who may not see it, and the trunk's own. */
  readonly headers: readonly (readonly [name: string, value: string])[];
};

const anonymous = '"Anonymous" <sip:anonymous@anonymous.invalid>';

/**
 * The headers that tell a trunk and the callee who calls.
 *
 * From: a trunk that is an account of a carrier knows us by its username, so that is the user there, and the number to show is the display name; with
 * `fromUser` caller_id the number is the user. A trunk without an account gets the number at our own host. The domain is the account's, unless
 * `fromDomain` says another. Nothing to show is RFC 3261's anonymous user.
 *
 * `isPrivate` (RFC 3323 4.1.1.3, RFC 3325 9.3): From is anonymous, and `Privacy: id` asks the trunk to keep from the callee what `identity` still
 * tells the trunk itself.
 *
 * Numbers are digits, but they came from outside: whatever could end the quoted string or the URI is dropped.
 */
export function callerIdentity(trunk: TrunkTarget, displayNum: string | null, ourHost: string): CallerIdentity {
  const shown = displayNum === null ? '' : displayNum.replace(/[^0-9A-Za-z+*#_.-]/g, '');
  const domain = trunk.fromDomain ?? (trunk.username === null ? ourHost : trunk.host);
  const uri = (user: string): string => `<sip:${escapeUser(user)}@${isIPv6(domain) ? `[${domain}]` : domain}>`;
  const asserted = shown === '' ? (trunk.username ?? '') : shown;
  const headers = [
    ...(asserted === '' ? [] : assertedBy(trunk, uri(asserted))),
    ...(trunk.isPrivate ? [['Privacy', 'id'] as const] : []),
    ...trunk.headers,
  ];
  return { from: fromValue(trunk, shown, uri), headers };
}

function fromValue(trunk: TrunkTarget, shown: string, uri: (user: string) => string): string {
  if (trunk.isPrivate) return anonymous;
  const isAccount = trunk.username !== null && (trunk.fromUser === 'username' || shown === '');
  const user = isAccount ? (trunk.username ?? '') : shown;
  if (user === '') return anonymous;
  return isAccount && shown !== '' && shown !== user ? `"${shown}" ${uri(user)}` : uri(user);
}

/** Remote-Party-ID is draft-ietf-sip-privacy-04, which never became an RFC; `screen=no`: nobody but us has checked the number. */
function assertedBy(trunk: TrunkTarget, uri: string): (readonly [name: string, value: string])[] {
  switch (trunk.identity) {
    case 'none':
      return [];
    case 'p_asserted':
      return [['P-Asserted-Identity', uri]];
    case 'remote_party':
      return [['Remote-Party-ID', `${uri};party=calling;privacy=${trunk.isPrivate ? 'full' : 'off'};screen=no`]];
  }
}

/** Escapes what may not stand in the user part of a SIP URI (RFC 3261 25.1, `user`). */
export function escapeUser(user: string): string {
  return user.replace(/[^0-9A-Za-z\-_.!~*'()&=+$,;?/]/gu, (character) => encodeURIComponent(character));
}
