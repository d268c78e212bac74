import { hash } from 'node:crypto';
import type { Account } from '../../domain/account/account.ts';
import { errors } from '../../domain/error/registry.ts';
import type { RequestError } from '../../domain/error/request-error.ts';
import { AddressList } from '../address-list.ts';
import { equalInConstantTime } from '../constant-time.ts';

/** What a request says of who sends it. */
export type Credentials = {
  readonly apiKey: string | undefined;
  readonly sign: string | undefined;
  readonly timestamp: string | undefined;
  /** The address that the request came from. */
  readonly address: string;
};

/** Largest difference between the client's clock and ours, in either direction (contract 15.3). */
const maxSkewMs = 30 * 60_000;

/** An account that may be tested against many requests. */
export type KnownAccount = { readonly account: Account; readonly addresses: AddressList };

export function knownAccount(account: Account): KnownAccount {
  return { account, addresses: new AddressList(account.ipAllowList) };
}

/**
 * Checks a request in the order of contract 15.3: key and signature (-1), timestamp (-16), address (-2). A disabled account's key
 * is an unknown one; with `tellsLock` it is told that the account is locked (-13), where nothing else is wrong.
 *
 * @returns null when the request is the account's
 */
export function refusalOf(
  known: KnownAccount | null,
  credentials: Credentials,
  now: number,
  tellsLock = false,
): RequestError | null {
  const { timestamp = '', sign = '', apiKey = '' } = credentials;
  // Without an account the same work is done, so that the time of the answer does not tell which keys exist.
  const expected = signatureOf(apiKey, known?.account.apiSecret ?? '', timestamp);
  const isSigned = equalInConstantTime(sign.toLowerCase(), expected);
  if (known === null || !isSigned) return errors.badCredentials();
  const isLocked = !known.account.isEnabled;
  if (isLocked && !tellsLock) return errors.badCredentials();
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) * 1000 - now) > maxSkewMs)
    return errors.timestampExpired();
  if (!known.addresses.allows(credentials.address)) return errors.addressNotAllowed(credentials.address);
  if (isLocked) return errors.accountLocked();
  return null;
}

/** The `Sign` of a request: MD5 over key, secret and timestamp, in lower-case hex (contract 1.2). */
export function signatureOf(apiKey: string, apiSecret: string, timestamp: string): string {
  return hash('md5', apiKey + apiSecret + timestamp);
}
