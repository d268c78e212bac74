import { type CipherGCMTypes, createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { SessionKeys } from './session-keys.ts';
import type { PacketPlace, SrtpTransform } from './srtp-transform.ts';

/** AES-GCM (RFC 7714): the payload is encrypted, the header authenticated with it. */
export class GcmTransform implements SrtpTransform {
  readonly tagBytes: number;
  readonly #algorithm: CipherGCMTypes;
  readonly #key: KeyObject;
  readonly #salt: Buffer;
  readonly #nonce = Buffer.alloc(12);

  constructor(keys: SessionKeys, tagBytes: number) {
    this.tagBytes = tagBytes;
    this.#algorithm = keys.cipherKey.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
    this.#key = createSecretKey(keys.cipherKey);
    this.#salt = keys.salt;
  }

  seal(packet: Buffer, place: PacketPlace): void {
    const { headerEnd, payloadEnd } = place;
    const cipher = createCipheriv(this.#algorithm, this.#key, this.#nonceOf(place));
    cipher.setAAD(packet.subarray(0, headerEnd));
    cipher.update(packet.subarray(headerEnd, payloadEnd)).copy(packet, headerEnd);
    cipher.final();
    cipher.getAuthTag().copy(packet, payloadEnd);
  }

  unseal(packet: Buffer, place: PacketPlace): boolean {
    const { headerEnd, payloadEnd } = place;
    const cipher = createDecipheriv(this.#algorithm, this.#key, this.#nonceOf(place));
    cipher.setAAD(packet.subarray(0, headerEnd));
    cipher.setAuthTag(packet.subarray(payloadEnd, payloadEnd + this.tagBytes));
    const plain = cipher.update(packet.subarray(headerEnd, payloadEnd));
    try {
      cipher.final();
    } catch {
      // The tag is wrong: Node has no other way to say so.
      return false;
    }
    plain.copy(packet, headerEnd);
    return true;
  }

  /** Two zero bytes, SSRC, ROC and sequence number, XOR the salt (RFC 7714 8.1). */
  #nonceOf({ ssrc, index }: PacketPlace): Buffer {
    const salt = this.#salt;
    const nonce = this.#nonce;
    nonce.writeUInt16BE(salt.readUInt16BE(0), 0);
    nonce.writeUInt32BE((salt.readUInt32BE(2) ^ ssrc) >>> 0, 2);
    nonce.writeUInt32BE((salt.readUInt32BE(6) ^ Math.floor(index / 0x10000)) >>> 0, 6);
    nonce.writeUInt16BE(salt.readUInt16BE(10) ^ (index & 0xffff), 10);
    return nonce;
  }
}
