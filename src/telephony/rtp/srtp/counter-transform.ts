import {
  type Cipheriv,
  createCipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import type { SessionKeys } from './session-keys.ts';
import type { PacketPlace, SrtpTransform } from './srtp-transform.ts';

const blockBytes = 16;
const rocBytes = 4;

/**
 * AES in counter mode with HMAC-SHA1 (RFC 3711 4.1.1 and 4.2.1, RFC 6188 for 256 bits).
 *
 * The key stream is made by encrypting counter blocks with an ECB cipher that lives as long as the key: a CTR cipher would have to be made anew
 * for each packet, because its counter cannot be set, and that costs more than the encryption.
 */
export class CounterTransform implements SrtpTransform {
  readonly tagBytes: number;
  readonly #cipher: Cipheriv;
  readonly #authKey: KeyObject;
  /** The salt, in the place that it has in a counter block. */
  readonly #salt: Buffer;
  readonly #tag: Buffer;
  /** The counters of one packet; grows with the longest packet. */
  #blocks = Buffer.alloc(0);
  #blocksSsrc = 0;

  constructor(keys: SessionKeys, tagBytes: number) {
    this.tagBytes = tagBytes;
    this.#cipher = createCipheriv(`aes-${keys.cipherKey.length * 8}-ecb`, keys.cipherKey, null).setAutoPadding(false);
    this.#authKey = createSecretKey(keys.authKey);
    this.#salt = Buffer.alloc(blockBytes);
    this.#salt.set(keys.salt);
    this.#tag = Buffer.alloc(tagBytes);
  }

  seal(packet: Buffer, place: PacketPlace): void {
    this.#applyKeyStream(packet, place);
    const tag = this.#authenticate(packet, place);
    tag.copy(packet, place.payloadEnd, 0, this.tagBytes);
  }

  unseal(packet: Buffer, place: PacketPlace): boolean {
    const { payloadEnd } = place;
    packet.copy(this.#tag, 0, payloadEnd, payloadEnd + this.tagBytes);
    const expected = this.#authenticate(packet, place);
    this.#tag.copy(packet, payloadEnd);
    if (!timingSafeEqual(this.#tag, expected.subarray(0, this.tagBytes))) return false;
    this.#applyKeyStream(packet, place);
    return true;
  }

  /** HMAC over the packet and its ROC, which takes the first bytes of the tag's place meanwhile: one piece is hashed faster than two. */
  #authenticate(packet: Buffer, { payloadEnd, index }: PacketPlace): Buffer {
    packet.writeUInt32BE(Math.floor(index / 0x10000), payloadEnd);
    return createHmac('sha1', this.#authKey)
      .update(packet.subarray(0, payloadEnd + rocBytes))
      .digest();
  }

  #applyKeyStream(packet: Buffer, place: PacketPlace): void {
    const { headerEnd, payloadEnd } = place;
    const stream = this.#cipher.update(this.#counterBlocks(place));
    for (let at = headerEnd; at < payloadEnd; at += 1) {
      packet[at] = (packet[at] ?? 0) ^ (stream[at - headerEnd] ?? 0);
    }
  }

  /** IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16, and the number of the block (RFC 3711 4.1.1). */
  #counterBlocks({ headerEnd, payloadEnd, ssrc, index }: PacketPlace): Buffer {
    const count = Math.ceil((payloadEnd - headerEnd) / blockBytes);
    if (count * blockBytes > this.#blocks.length || ssrc !== this.#blocksSsrc) this.#prepareBlocks(count, ssrc);
    const blocks = this.#blocks;
    const salt = this.#salt;
    const rocPart = (salt.readUInt32BE(8) ^ Math.floor(index / 0x10000)) >>> 0;
    const sequencePart = salt.readUInt16BE(12) ^ (index & 0xffff);
    for (let block = 0; block < count; block += 1) {
      blocks.writeUInt32BE(rocPart, block * blockBytes + 8);
      blocks.writeUInt16BE(sequencePart, block * blockBytes + 12);
    }
    return count * blockBytes === blocks.length ? blocks : blocks.subarray(0, count * blockBytes);
  }

  /** Writes what is the same in all packets of a source. */
  #prepareBlocks(count: number, ssrc: number): void {
    const blocks = Buffer.alloc(Math.max(count * blockBytes, this.#blocks.length));
    for (let block = 0; block * blockBytes < blocks.length; block += 1) {
      this.#salt.copy(blocks, block * blockBytes);
      blocks.writeUInt32BE((this.#salt.readUInt32BE(4) ^ ssrc) >>> 0, block * blockBytes + 4);
      blocks.writeUInt16BE(block, block * blockBytes + 14);
    }
    this.#blocks = blocks;
    this.#blocksSsrc = ssrc;
  }
}
