import { isIP } from 'node:net';
import type { AddressRule } from './address-rule.ts';

/**
 * What is wrong with a URL that is to be posted to, in words that follow its name; null: nothing. A name is not looked up here: what it stands for is
 * checked whenever it is connected to.
 */
export function urlProblem(text: string, rule: AddressRule): string | null {
  const url = URL.parse(text);
  if (url === null) return 'must be a URL such as https://example.com/reports';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https:// or http://';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (url.hash !== '') return 'must not have a fragment (#...), which is never sent';
  const address = literalAddress(url);
  if (address !== null && !rule.allows(address)) {
    return `names ${address}, which is no public address: the operator allows networks of their own by CARILLON_REPORT_NETWORKS`;
  }
  return null;
}

/** The address that a URL names itself, however it is written there; null: it has a name, which is looked up. */
export function literalAddress(url: URL): string | null {
  // URL has brought forms such as 0x7f.1 and 2130706433 into the usual one.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : host;
}
