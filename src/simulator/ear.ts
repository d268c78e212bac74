import { createG711Codec, type G711Codec, type G711Law } from '../telephony/audio/g711.ts';
import { createRtpHeader, parseRtp, type RtpHeader } from '../telephony/rtp/rtp-packet.ts';

/** What was heard in a call. */
export type Heard = {
  /** Audio packets of the negotiated payload type. */
  readonly packets: number;
  /** Those of them that held more than silence. */
  readonly soundPackets: number;
};

/** Mean magnitude of a 16-bit sample above which a packet is sound; line noise and comfort silence stay below. */
const soundThreshold = 200;

/** Decodes what arrives and tells sound from silence. One G.711 table per law, shared between ears. */
export class Ear {
  readonly #codec: G711Codec;
  readonly #payloadType: number;
  readonly #onSound: () => void;
  readonly #header: RtpHeader = createRtpHeader();
  #packets = 0;
  #soundPackets = 0;

  /** `onSound` is called once, at the first packet that holds sound. */
  constructor(codec: G711Codec, payloadType: number, onSound: () => void) {
    this.#codec = codec;
    this.#payloadType = payloadType;
    this.#onSound = onSound;
  }

  get heard(): Heard {
    return { packets: this.#packets, soundPackets: this.#soundPackets };
  }

  hear(packet: Uint8Array): void {
    const header = this.#header;
    if (!parseRtp(packet, header) || header.payloadType !== this.#payloadType) return;
    this.#packets += 1;
    let sum = 0;
    for (let index = header.payloadStart; index < header.payloadEnd; index += 1) {
      sum += Math.abs(this.#codec.decodeSample(packet[index] ?? 0));
    }
    if (sum <= soundThreshold * (header.payloadEnd - header.payloadStart)) return;
    this.#soundPackets += 1;
    if (this.#soundPackets === 1) this.#onSound();
  }
}

/** The codecs of all handsets of a carrier. */
export function createHandsetCodecs(): Readonly<Record<G711Law, G711Codec>> {
  return { PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') };
}
