import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { SessionKeys } from './session-keys.ts';
import type { SrtpSuite } from './srtp-suite.ts';

/** Of the header and the SSRC of the first packet, which stay readable. */
const clearBytes = 8;
/** The E flag and the index. */
const wordBytes = 4;
/** Of HMAC-SHA1, also in the suites that have a short tag for RTP (RFC 3711 5.2, RFC 4568 6.2). */
const hmacTagBytes = 10;
const gcmTagBytes = 16;

/** The E flag, in front of the index: the packet is encrypted. */
const encryptedFlag = 0x8000_0000;

export const lastSrtcpIndex = 0x7fff_ffff;

/**
 * The cryptography of RTCP in one direction. Made for a packet every few seconds: nothing is kept between packets but the keys.
 *
 * ```
 * counter mode (RFC 3711 3.4):  header, SSRC | encrypted | E, index | tag     the tag is over all before it
 * GCM (RFC 7714 9.2):           header, SSRC | encrypted | tag | E, index     the tag is over header, SSRC, E and index too
 * ```
 */
export class SrtcpTransform {
  readonly #isGcm: boolean;
  readonly #keys: SessionKeys;

  constructor(mode: SrtpSuite['mode'], keys: SessionKeys) {
    this.#isGcm = mode === 'gcm';
    this.#keys = keys;
  }

  /** The packet as it goes onto the wire. */
  seal(packet: Buffer, index: number): Buffer {
    const word = Buffer.alloc(wordBytes);
    word.writeUInt32BE((encryptedFlag | index) >>> 0);
    return this.#isGcm ? this.#sealGcm(packet, word) : this.#sealCounter(packet, word);
  }

  /** The packet in clear; null: not authentic, or not encrypted, which would have had to be agreed on (RFC 4568 6.3.2). */
  unseal(packet: Buffer): { readonly packet: Buffer; readonly index: number } | null {
    const tagBytes = this.#isGcm ? gcmTagBytes : hmacTagBytes;
    if (packet.length < clearBytes + wordBytes + tagBytes) return null;
    const wordAt = packet.length - wordBytes - (this.#isGcm ? 0 : tagBytes);
    const word = packet.readUInt32BE(wordAt);
    if (word < encryptedFlag) return null;
    const clear = this.#isGcm ? this.#unsealGcm(packet, wordAt) : this.#unsealCounter(packet, wordAt);
    return clear === null ? null : { packet: clear, index: word - encryptedFlag };
  }

  #sealCounter(packet: Buffer, word: Buffer): Buffer {
    const sealed = Buffer.concat([this.#keyStream(packet, word), word]);
    return Buffer.concat([sealed, this.#hmac(sealed)]);
  }

  #unsealCounter(packet: Buffer, wordAt: number): Buffer | null {
    const tagAt = wordAt + wordBytes;
    if (!timingSafeEqual(this.#hmac(packet.subarray(0, tagAt)), packet.subarray(tagAt))) return null;
    return this.#keyStream(packet.subarray(0, wordAt), packet.subarray(wordAt, tagAt));
  }

  /** Encrypts and decrypts. IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 (RFC 3711 4.1.1). */
  #keyStream(packet: Buffer, word: Buffer): Buffer {
    const iv = Buffer.alloc(16);
    this.#keys.salt.copy(iv);
    xorUint32(iv, 4, packet.readUInt32BE(4));
    const index = word.readUInt32BE() & lastSrtcpIndex;
    xorUint32(iv, 8, index >>> 16);
    xorUint32(iv, 12, (index & 0xffff) << 16);
    const { cipherKey } = this.#keys;
    const cipher = createCipheriv(`aes-${cipherKey.length * 8}-ctr`, cipherKey, iv);
    return Buffer.concat([packet.subarray(0, clearBytes), cipher.update(packet.subarray(clearBytes))]);
  }

  #hmac(authenticated: Buffer): Buffer {
    return createHmac('sha1', this.#keys.authKey).update(authenticated).digest().subarray(0, hmacTagBytes);
  }

  #sealGcm(packet: Buffer, word: Buffer): Buffer {
    const head = packet.subarray(0, clearBytes);
    const cipher = createCipheriv(this.#gcm, this.#keys.cipherKey, this.#nonce(packet, word));
    cipher.setAAD(Buffer.concat([head, word]));
    const encrypted = cipher.update(packet.subarray(clearBytes));
    cipher.final();
    return Buffer.concat([head, encrypted, cipher.getAuthTag(), word]);
  }

  #unsealGcm(packet: Buffer, wordAt: number): Buffer | null {
    const head = packet.subarray(0, clearBytes);
    const word = packet.subarray(wordAt);
    const tagAt = wordAt - gcmTagBytes;
    const cipher = createDecipheriv(this.#gcm, this.#keys.cipherKey, this.#nonce(packet, word));
    cipher.setAAD(Buffer.concat([head, word]));
    cipher.setAuthTag(packet.subarray(tagAt, wordAt));
    const clear = cipher.update(packet.subarray(clearBytes, tagAt));
    try {
      cipher.final();
    } catch {
      // The tag is wrong: Node has no other way to say so.
      return null;
    }
    return Buffer.concat([head, clear]);
  }

  get #gcm(): 'aes-128-gcm' | 'aes-256-gcm' {
    return this.#keys.cipherKey.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
  }

  /** Two zero bytes, SSRC, two zero bytes, index, XOR the salt (RFC 7714 9.1). */
  #nonce(packet: Buffer, word: Buffer): Buffer {
    const nonce = Buffer.from(this.#keys.salt);
    xorUint32(nonce, 2, packet.readUInt32BE(4));
    xorUint32(nonce, 8, word.readUInt32BE() & lastSrtcpIndex);
    return nonce;
  }
}

function xorUint32(into: Buffer, at: number, value: number): void {
  into.writeUInt32BE((into.readUInt32BE(at) ^ value) >>> 0, at);
}
