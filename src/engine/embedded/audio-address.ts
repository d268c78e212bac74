import { isIPv6 } from 'node:net';
import { assert } from '../../lib/errors.ts';
import type { Hop } from '../../telephony/sip/endpoint-types.ts';

/** Which of our addresses a call's audio is at. */
export type AudioAddress = { readonly address: string; readonly family: 4 | 6 };

/**
 * The one of the family that the signalling goes in, by the first of `hops`: the one thing known of what the far side reaches. Where we have none of that
 * family, the one that we have. `rtpHosts` is not empty.
 */
export function audioAddressFor([first]: readonly Hop[], rtpHosts: readonly string[]): AudioAddress {
  const isWanted = (host: string): boolean => first !== undefined && isIPv6(host) === isIPv6(first.address);
  const address = rtpHosts.find(isWanted) ?? rtpHosts[0];
  assert(address !== undefined, 'audio has an address');
  return { address, family: isIPv6(address) ? 6 : 4 };
}
