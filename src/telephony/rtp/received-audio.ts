import type { PacketDecoder } from '../audio/codec.ts';
import { ComfortNoise } from './comfort-noise.ts';
import { type PacketOrder, ReorderWindow } from './reorder-window.ts';
import type { RtpHeader } from './rtp-packet.ts';

/** Where a piece of received audio stands. */
export type HeardPlace = {
  /** Of its first sample, in samples of 8 kHz since the session's first packet. Each piece begins where the one before it ended. */
  readonly timestamp: number;
  /** It was made up: packets were lost, or none came and the far side did not say why. */
  readonly isConcealed: boolean;
};

/** Somebody who listens to what the far side says. */
export interface AudioListener {
  /** The next piece, 8 kHz mono, of any length. `pcm` is used again afterwards: copy what you keep. */
  hear(pcm: Int16Array, heard: HeardPlace): void;
}

/** A codec that the far side may send. */
export type ReceivedCodec = {
  /** Of its timestamps, Hz. */
  readonly clockRate: number;
  createDecoder(): PacketDecoder;
};

/**
 * What can be made something of, by payload type; `comfort-noise` says what the silence sounds like that follows (RFC 3389). Packets of other types are known to
 * have come, and say nothing.
 */
export type ReceivedCodecs = ReadonlyMap<number, ReceivedCodec | 'comfort-noise'>;

const samplesPerMs = 8;
/** Pieces of silence are this long, and so are pieces that are made up. */
const pieceSamples = 20 * samplesPerMs;
/** Nothing came for so long beyond the next packet's time: silence is handed out. Longer than a packet waits for others. */
const silentAfterSamples = 100 * samplesPerMs;
/** A timestamp that differs by more than this from the time that has passed is of another clock. */
const mostClockErrorSamples = 1000 * samplesPerMs;
/** By so much per packet is the least delay forgotten: follows clocks that differ by 100 ppm at 50 packets a second. */
const driftSamples = 0.016;
/** No datagram holds more samples that are of use. */
const mostPacketSamples = 1500;

/**
 * What the far side says, in order and without gaps, for those who listen. While nobody does, nothing is made of the packets.
 *
 * Each piece that is handed out begins where the one before it ended. Where a packet goes is said by its timestamp: ahead of what was handed out, the gap is filled
 * (what is missing by the sequence numbers is concealed, what the far side left out is silent); behind it, it follows at once, and the next gap is shorter for it. When
 * nothing comes, silence is handed out as time passes, 100 ms late, so that packets that were only late still find their place. What a timestamp cannot be (it is more than a
 * second off the time that has passed, or of another source) is not believed: there time itself says how long the gap was.
 */
export class ReceivedAudio {
  #listeners: readonly AudioListener[] = [];
  #codecs: ReceivedCodecs;
  #timeline: Timeline | null = null;
  #startedMs: number | null = null;

  constructor(codecs: ReceivedCodecs) {
    this.#codecs = codecs;
  }

  /** From now on packets are decoded by these. */
  configure(codecs: ReceivedCodecs): void {
    this.#codecs = codecs;
  }

  /** Lets somebody hear what comes from now on; at any time, also while another one hears. */
  add(listener: AudioListener): void {
    this.#listeners = [...this.#listeners, listener];
  }

  /** Idempotent. When the last one has gone, what was not handed out yet is forgotten. */
  remove(listener: AudioListener): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
    if (this.#listeners.length === 0) this.#forget();
  }

  /** Whether somebody hears what comes. */
  get isHeard(): boolean {
    return this.#listeners.length > 0;
  }

  /** Frees what decoders hold. Nobody hears anything any more. */
  close(): void {
    this.#listeners = [];
    this.#forget();
  }

  /** When the session's first packet came; null: none has. */
  get startedMs(): number | null {
    return this.#startedMs;
  }

  /** The session's first packet came. */
  start(nowMs: number): void {
    this.#startedMs = nowMs;
  }

  /** Takes a packet of the far side, whatever it holds; after {@link start}. */
  take(packet: Uint8Array, header: Readonly<RtpHeader>, nowMs: number): void {
    if (this.#listeners.length === 0 || this.#startedMs === null) return;
    this.#timeline ??= new Timeline({
      codecOf: (payloadType) => this.#codecs.get(payloadType) ?? null,
      hear: (pcm, heard) => {
        for (const listener of this.#listeners) listener.hear(pcm, heard);
      },
      position: Math.round((nowMs - this.#startedMs) * samplesPerMs),
      nowMs,
    });
    this.#timeline.take(packet, header, nowMs);
  }

  /** To be called every packet time or so. */
  passTime(nowMs: number): void {
    this.#timeline?.passTime(nowMs);
  }

  #forget(): void {
    this.#timeline?.close();
    this.#timeline = null;
  }
}

type TimelineOptions = {
  readonly codecOf: (payloadType: number) => ReceivedCodec | 'comfort-noise' | null;
  readonly hear: (pcm: Int16Array, heard: HeardPlace) => void;
  /** Where a packet that comes at `nowMs` begins. */
  readonly position: number;
  readonly nowMs: number;
};

type Decoding = { readonly codec: ReceivedCodec; readonly decoder: PacketDecoder };

/** Lays packets out and hands them on, from the first one that somebody listened to. All figures are in samples of 8 kHz. */
class Timeline {
  readonly #options: TimelineOptions;
  readonly #window = new ReorderWindow((packet, header, order) => this.#place(packet, header, order));
  readonly #decoders = new Map<number, Decoding>();
  readonly #noise = new ComfortNoise();
  readonly #pcm = new Int16Array(mostPacketSamples);
  /** Where the next piece begins. */
  #position: number;
  /** The latest audio packet: its timestamp, and where by its own reckoning it began; null: there was none. */
  #last: { readonly timestamp: number; readonly place: number; readonly clockRate: number } | null = null;
  #lastSamples = pieceSamples;
  /** Packets that were lost since the latest audio. */
  #missing = 0;
  /** Now minus this is where a packet that comes now begins, if its delay is the least one. */
  #clockOffset: number;
  /** The far side said that it would be silent, or was busy with a key. */
  #isSilenceTold = false;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#clockOffset = options.nowMs * samplesPerMs - options.position;
  }

  take(packet: Uint8Array, header: Readonly<RtpHeader>, nowMs: number): void {
    this.#window.take(packet, header, nowMs);
  }

  passTime(nowMs: number): void {
    this.#window.passTime(nowMs);
    if (this.#window.isHolding) return;
    const due = nowMs * samplesPerMs - this.#clockOffset - silentAfterSamples;
    while (this.#position + pieceSamples <= due) this.#beSilent(pieceSamples, !this.#isSilenceTold);
  }

  close(): void {
    for (const { decoder } of this.#decoders.values()) decoder.close();
  }

  #place(packet: Uint8Array, header: Readonly<RtpHeader>, order: PacketOrder): void {
    const codec = this.#options.codecOf(header.payloadType);
    this.#missing += order.missing;
    this.#isSilenceTold = codec === null || codec === 'comfort-noise';
    const payload = packet.subarray(header.payloadStart, header.payloadEnd);
    if (codec === null) return;
    if (codec === 'comfort-noise') {
      this.#noise.describe(payload);
      return;
    }
    const decoder = this.#decoderOf(header.payloadType, codec);
    const place = this.#placeOf(header, codec.clockRate, order);
    this.#fill(place - this.#position, decoder, payload);
    this.#last = { timestamp: header.timestamp, place, clockRate: codec.clockRate };
    this.#noise.quieten();
    const samples = decoder.decode(payload, this.#pcm);
    if (samples === 0) return;
    this.#lastSamples = samples;
    this.#handOn(this.#pcm.subarray(0, samples), false);
  }

  #decoderOf(payloadType: number, codec: ReceivedCodec): PacketDecoder {
    const known = this.#decoders.get(payloadType);
    if (known?.codec === codec) return known.decoder;
    known?.decoder.close();
    const decoder = codec.createDecoder();
    this.#decoders.set(payloadType, { codec, decoder });
    return decoder;
  }

  /** Where a packet begins. Follows the far side's clock as long as it can be believed. */
  #placeOf({ timestamp }: Readonly<RtpHeader>, clockRate: number, { isNewSource, arrivalMs }: PacketOrder): number {
    const now = arrivalMs * samplesPerMs;
    const last = isNewSource || this.#last?.clockRate !== clockRate ? null : this.#last;
    const passed = last === null ? Number.NaN : (((timestamp - last.timestamp) | 0) * 8000) / clockRate;
    const place = last === null ? Number.NaN : last.place + Math.round(passed);
    if (Math.abs(now - this.#clockOffset - place) <= mostClockErrorSamples) {
      this.#clockOffset = Math.min(this.#clockOffset + driftSamples, now - place);
      return place;
    }
    const begun = Math.max(this.#position, Math.round(now - this.#clockOffset));
    this.#clockOffset = now - begun;
    return begun;
  }

  /** Fills what is open before a packet. */
  #fill(samples: number, decoder: PacketDecoder, next: Uint8Array): void {
    const lost = Math.min(samples, this.#missing * this.#lastSamples);
    this.#missing = 0;
    for (let left = lost; left > 0; left -= this.#lastSamples) {
      const pcm = this.#pcm.subarray(0, Math.min(left, this.#lastSamples));
      decoder.conceal(pcm, left <= this.#lastSamples ? next : null);
      this.#handOn(pcm, true);
    }
    this.#beSilent(samples - Math.max(0, lost), false);
  }

  #beSilent(samples: number, isConcealed: boolean): void {
    for (let left = samples; left > 0; left -= pieceSamples) {
      const pcm = this.#pcm.subarray(0, Math.min(left, pieceSamples));
      this.#noise.fill(pcm);
      this.#handOn(pcm, isConcealed);
    }
  }

  #handOn(pcm: Int16Array, isConcealed: boolean): void {
    const timestamp = this.#position;
    this.#position += pcm.length;
    this.#options.hear(pcm, { timestamp, isConcealed });
  }
}
