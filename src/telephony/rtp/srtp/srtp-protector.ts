import { rtpHeaderEnd, sequenceOf, ssrcOf } from '../rtp-packet.ts';
import { createSrtpTransform } from './create-srtp-transform.ts';
import { guessIndex } from './packet-index.ts';
import type { SrtpKey } from './srtp-suite.ts';
import type { PacketPlace, SrtpTransform } from './srtp-transform.ts';

/** Turns RTP packets of one source, as they are sent, into SRTP packets (RFC 3711 3.3). */
export class SrtpProtector {
  readonly #transform: SrtpTransform;
  readonly #place: PacketPlace = { headerEnd: 0, payloadEnd: 0, ssrc: 0, index: 0 };
  #hasSent = false;
  #out = Buffer.alloc(0);

  constructor(key: SrtpKey) {
    this.#transform = createSrtpTransform(key);
  }

  /** The packet as it goes onto the wire: in a buffer that the next call overwrites. `packet` is left as it is. */
  protect(packet: Buffer): Buffer {
    const { tagBytes } = this.#transform;
    if (this.#out.length !== packet.length + tagBytes) this.#out = Buffer.alloc(packet.length + tagBytes);
    const out = this.#out;
    packet.copy(out);
    const place = this.#place;
    const sequence = sequenceOf(packet);
    // We send in order, so the next index is always one of those ahead; the ROC begins at 0 with a new key (RFC 3711 3.3.1).
    place.index = this.#hasSent ? (guessIndex(place.index, sequence) ?? sequence) : sequence;
    this.#hasSent = true;
    place.headerEnd = rtpHeaderEnd(packet);
    place.payloadEnd = packet.length;
    place.ssrc = ssrcOf(packet);
    this.#transform.seal(out, place);
    return out;
  }
}
