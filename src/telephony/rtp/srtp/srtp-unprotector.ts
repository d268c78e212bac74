import { rtpHeaderBytes, rtpHeaderEnd, sequenceOf, ssrcOf } from '../rtp-packet.ts';
import { createSrtpTransform } from './create-srtp-transform.ts';
import { guessIndex, ReplayWindow } from './packet-index.ts';
import type { SrtpKey } from './srtp-suite.ts';
import type { PacketPlace, SrtpTransform } from './srtp-transform.ts';

/** So many sources under one key are remembered: a far side begins a new one with each piece of hold music, perhaps. */
const mostSources = 32;

/**
 * Takes the protection off what one far side sends (RFC 3711 3.3). SDES does not tell the SSRC, so that a source is known with its first authentic packet
 * ("late binding", RFC 4568 6.4.1), and each has its own ROC and replay window. Nothing is remembered of a packet that is not authentic.
 */
export class SrtpUnprotector {
  readonly #transform: SrtpTransform;
  readonly #windows = new Map<number, ReplayWindow>();
  readonly #place: PacketPlace = { headerEnd: 0, payloadEnd: 0, ssrc: 0, index: 0 };

  constructor(key: SrtpKey) {
    this.#transform = createSrtpTransform(key);
  }

  /** The RTP packet, decrypted in place and without the tag; null: not RTP, not authentic, or seen before. */
  unprotect(packet: Buffer): Buffer | null {
    const place = this.#place;
    place.payloadEnd = packet.length - this.#transform.tagBytes;
    if (place.payloadEnd < rtpHeaderBytes || isRtcp(packet)) return null;
    place.headerEnd = rtpHeaderEnd(packet);
    if (place.headerEnd > place.payloadEnd) return null;
    place.ssrc = ssrcOf(packet);
    const window = this.#windows.get(place.ssrc);
    const isTaken = window === undefined ? this.#takeFirst(packet) : this.#takeNext(packet, window);
    return isTaken ? packet.subarray(0, place.payloadEnd) : null;
  }

  #takeNext(packet: Buffer, window: ReplayWindow): boolean {
    const index = guessIndex(window.highest, sequenceOf(packet));
    if (index === null || !window.admits(index)) return false;
    this.#place.index = index;
    if (!this.#transform.unseal(packet, this.#place)) return false;
    window.mark(index);
    return true;
  }

  /**
   * The ROC of a source begins at 0. A second try with 1, because a far side may have sent early media for a while before we listened, and one of
   * forty that send for half a minute has wrapped meanwhile.
   */
  #takeFirst(packet: Buffer): boolean {
    const place = this.#place;
    for (const roc of [0, 1]) {
      place.index = roc * 0x10000 + sequenceOf(packet);
      if (!this.#transform.unseal(packet, place)) continue;
      if (this.#windows.size >= mostSources) this.#forgetOldest();
      this.#windows.set(place.ssrc, new ReplayWindow(place.index));
      return true;
    }
    return false;
  }

  #forgetOldest(): void {
    for (const ssrc of this.#windows.keys()) {
      this.#windows.delete(ssrc);
      return;
    }
  }
}

/** RTCP on the same port (RFC 5761 4): not spoken here, and not worth a try to authenticate it. */
function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}
