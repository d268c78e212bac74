import {
  isSrtpSuiteName,
  masterKeyBytes,
  type SrtpKey,
  type SrtpSuiteName,
} from '../../telephony/rtp/srtp/srtp-suite.ts';

/** A crypto attribute: a way to protect the stream, with the key that its writer sends with (RFC 4568 4). */
export type CryptoAttribute = {
  /** Names the attribute within its description; an answer repeats the tag of the one it takes. */
  readonly tag: number;
  readonly key: SrtpKey;
};

export type CryptoReading =
  | { readonly isUsable: true; readonly attribute: CryptoAttribute }
  | { readonly isUsable: false; readonly reason: string };

/**
 * What our offers have, best first. The first is the one that everybody speaks (RFC 4568 6.2 makes it mandatory); five would be understood, but each
 * line makes the INVITE 90 bytes longer, and over UDP it should stay below 1,300.
 */
export const offeredSuites: readonly SrtpSuiteName[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_80',
  'AEAD_AES_128_GCM',
];

/**
 * Reads what stands behind `a=crypto:` (RFC 4568 9.1). A lifetime may be anything: it binds who sends with the key. What would change how packets look
 * is not spoken, and said by name: several keys, a master key identifier, session parameters (6.3) other than the window size hint.
 */
export function readCrypto(value: string): CryptoReading {
  const [tag = '', suite = '', keys = '', ...parameters] = value.trim().split(/ +/);
  if (!/^\d{1,9}$/.test(tag)) return unusable('crypto attribute without a tag');
  if (!isSrtpSuiteName(suite)) return unusable(`unknown crypto suite ${suite}`);
  const foreign = parameters.find((parameter) => !parameter.startsWith('WSH='));
  if (foreign !== undefined) return unusable(`unsupported crypto parameter ${foreign.split('=', 1)[0]}`);
  if (keys.includes(';')) return unusable('several keys in one crypto attribute');
  const [, base64 = '', lifetimeOrMki = '', mki = ''] =
    /^inline:([A-Za-z0-9+/]+={0,2})(?:\|([^|]*))?(?:\|([^|]*))?$/i.exec(keys) ?? [];
  if (lifetimeOrMki.includes(':') || mki !== '') return unusable('unsupported crypto master key identifier');
  const masterKey = Buffer.from(base64, 'base64');
  if (masterKey.length !== masterKeyBytes(suite)) return unusable(`crypto key of another length than ${suite} has`);
  return { isUsable: true, attribute: { tag: Number(tag), key: { suite, masterKey } } };
}

/** The line of an attribute, with its end. */
export function cryptoLine({ tag, key }: CryptoAttribute): string {
  return `a=crypto:${tag} ${key.suite} inline:${Buffer.from(key.masterKey).toString('base64')}\r\n`;
}

/** What stands behind `a=crypto:` in each media section of a description, in order. */
export function cryptoValues(description: string): string[][] {
  const [, ...sections] = description.split(/^m=/m);
  return sections.map((section) =>
    section
      .split(/\r?\n/)
      .filter((line) => line.startsWith('a=crypto:'))
      .map((line) => line.slice('a=crypto:'.length)),
  );
}

function unusable(reason: string): CryptoReading {
  return { isUsable: false, reason };
}
