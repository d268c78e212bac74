import { createCipheriv } from 'node:crypto';
import { assert } from '../../../lib/errors.ts';
import { masterKeyBytes, type SrtpKey, srtpSuites } from './srtp-suite.ts';

/** What protects the packets of one direction, derived from its master key. */
export type SessionKeys = {
  readonly cipherKey: Buffer;
  readonly salt: Buffer;
  /** For HMAC-SHA1; an AEAD suite has no use for it. */
  readonly authKey: Buffer;
};

/** Labels of RFC 3711 4.3.1 and 4.3.2. */
const labels = { srtp: { cipher: 0, auth: 1, salt: 2 }, srtcp: { cipher: 3, auth: 4, salt: 5 } } as const;

const authKeyBytes = 20;

/**
 * Derives the session keys (RFC 3711 4.3) at a key derivation rate of 0, i.e. once. The pseudo-random function is AES in counter mode with the master key
 * (4.3.3, RFC 6188 3 for 256 bits); a 12-byte salt of the AEAD suites is padded on the right (RFC 7714 11).
 */
export function deriveSessionKeys({ suite, masterKey }: SrtpKey, of: 'srtp' | 'srtcp' = 'srtp'): SessionKeys {
  const { keyBytes, saltBytes } = srtpSuites[suite];
  assert(masterKey.length === masterKeyBytes(suite), 'an SRTP master key has the length of its suite');
  const key = masterKey.subarray(0, keyBytes);
  const salt = masterKey.subarray(keyBytes);
  const derive = (label: number, length: number): Buffer => {
    const counter = Buffer.alloc(16);
    counter.set(salt);
    counter.writeUInt8(counter.readUInt8(7) ^ label, 7);
    return createCipheriv(`aes-${keyBytes * 8}-ctr`, key, counter).update(Buffer.alloc(length));
  };
  return {
    cipherKey: derive(labels[of].cipher, keyBytes),
    salt: derive(labels[of].salt, saltBytes),
    authKey: derive(labels[of].auth, authKeyBytes),
  };
}
