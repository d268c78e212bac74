import { isSameHost } from '../transport/ip-address.ts';
import { paramOf } from './header-values.ts';
import { parseSipUri } from './sip-uri.ts';

/** These tell two URIs apart also where only one of them has them; any other parameter only where both have it. */
const telling = ['transport', 'user', 'ttl', 'method', 'maddr'];

/**
 * Whether two SIP URIs are the same as RFC 3261 section 19.1.4 compares them: the user by case, the host without, a port only with itself (5060 written down
 * is not 5060 left out). Header components are not looked at: a Contact of ours has none.
 */
export function isSameUri(left: string, right: string): boolean {
  const [a, b] = [parseSipUri(left), parseSipUri(right)];
  if (a === null || b === null) return false;
  if (a.scheme !== b.scheme || a.port !== b.port || unescaped(a.user) !== unescaped(b.user)) return false;
  return isSameHost(a.host, b.host) && hasSameParams(a.params, b.params);
}

function hasSameParams(left: string, right: string): boolean {
  const names = new Set([...telling, ...namesOf(left)]);
  for (const name of names) {
    const [a, b] = [paramOf(left, 0, name), paramOf(right, 0, name)];
    const isOnlyOnce = (a === null) !== (b === null);
    if (isOnlyOnce ? telling.includes(name) : a?.toLowerCase() !== b?.toLowerCase()) return false;
  }
  return true;
}

function namesOf(params: string): string[] {
  return params
    .split(';')
    .map((param) => param.replace(/=.*$/s, '').trim().toLowerCase())
    .filter((name) => name !== '');
}

/** Bytes, not characters: what they mean does not matter here. */
function unescaped(user: string): string {
  return user.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
