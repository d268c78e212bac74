import type { Random } from '../../lib/random.ts';
import { DigitSender } from './digit-sender.ts';
import type { Interludes } from './interludes.ts';
import type { Playout } from './playout.ts';
import { prepareRtp, rtpHeaderBytes, stampRtp } from './rtp-packet.ts';
import { eventOfDigit, telephoneEventBytes, writeTelephoneEvent } from './telephone-event.ts';

/** What is sent in, as negotiated. */
export type SenderFormat = {
  readonly payloadType: number;
  /** Null: digits cannot be sent. */
  readonly eventPayloadType: number | null;
  /** The payload of silence: at least one packet's where the codec has a byte for each moment, else exactly one. */
  readonly silence: Uint8Array;
  /** The time of one packet in samples of 8 kHz. */
  readonly packetSamples: number;
  /** The longest payload; every payload has it where the codec has a byte for each moment. */
  readonly payloadBytes: number;
  /** Units of the RTP timestamp in a sample of 8 kHz: 6 for Opus, else 1. */
  readonly unitsPerSample: number;
  /** Units of an event's duration in a sample of 8 kHz. */
  readonly eventUnitsPerSample: number;
  readonly canSend: boolean;
};

/**
 * Builds the packets of one session, one per packet time: digits before interludes before prompt before silence. Sequence numbers run without a gap over everything
 * that is sent; the timestamp follows the media clock also where nothing is sent (hold, a skipped pause of the thread), and a prompt waits
 * meanwhile. The marker bit stands on the first packet, after any such gap, on the first packet of a playback and of a digit (RFC 3551 4.1).
 * No allocation per packet: `next` gives out one of two buffers, which are overwritten by later calls.
 */
export class RtpSender {
  readonly playout: Playout;
  readonly #interludes: Interludes | null;
  readonly #ssrc: number;
  readonly #digits = new DigitSender();
  readonly #eventPacket: Buffer;
  #format: SenderFormat;
  #audioPacket: Buffer;
  #sequence: number;
  #timestamp: number;
  /** Samples of 8 kHz since the beginning: the clock of digits. */
  #clock = 0;
  #isMarkDue = true;

  constructor(format: SenderFormat, playout: Playout, random: Random, interludes: Interludes | null = null) {
    this.playout = playout;
    this.#interludes = interludes;
    this.#ssrc = random32(random);
    // In the lower half: a far side that loses the first packets must not take the wrap for the beginning (RFC 3711 3.3.1).
    this.#sequence = random32(random) & 0x7fff;
    this.#timestamp = random32(random);
    this.#eventPacket = Buffer.alloc(rtpHeaderBytes + telephoneEventBytes);
    prepareRtp(this.#eventPacket, this.#ssrc);
    this.#format = format;
    this.#audioPacket = this.#allocate(format);
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  /** Of the latest packet. */
  get sequence(): number {
    return (this.#sequence - 1) & 0xffff;
  }

  /** Of the packet time that the latest call of {@link next} was for. */
  get timestamp(): number {
    const { packetSamples, unitsPerSample } = this.#format;
    return (this.#timestamp - packetSamples * unitsPerSample) >>> 0;
  }

  get packetSamples(): number {
    return this.#format.packetSamples;
  }

  /** Takes a new format; everything running goes on. */
  configure(format: SenderFormat): void {
    this.#format = format;
    this.#audioPacket = this.#allocate(format);
  }

  /** Queues a digit; `durationSamples` of 8 kHz, so many that they fit in 16 bits of the event's units. False: not a digit, or telephone events were not negotiated. */
  sendDigit(digit: string, durationSamples: number): boolean {
    const event = eventOfDigit(digit);
    if (event === null || this.#format.eventPayloadType === null) return false;
    this.#digits.enqueue(event, durationSamples);
    return true;
  }

  /** Time went by in which no packet was asked for: the media clock jumps, audio does not. */
  skip(samples: number): void {
    this.#advance(samples);
    this.#isMarkDue = true;
  }

  /** The packet for the packet time that begins now; null: nothing may be sent. */
  next(): Buffer | null {
    const { packetSamples, canSend } = this.#format;
    if (!canSend) {
      this.skip(packetSamples);
      return null;
    }
    const packet = this.#nextEvent() ?? this.#nextAudio();
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#advance(packetSamples);
    return packet;
  }

  #advance(samples: number): void {
    this.#clock += samples;
    this.#timestamp = (this.#timestamp + samples * this.#format.unitsPerSample) >>> 0;
  }

  #nextEvent(): Buffer | null {
    const { eventPayloadType, packetSamples, unitsPerSample, eventUnitsPerSample } = this.#format;
    if (eventPayloadType === null) return null;
    const packet = this.#digits.next(this.#clock, packetSamples);
    if (packet === null) return null;
    const startTimestamp = (this.#timestamp - (this.#clock - packet.startTimestamp) * unitsPerSample) >>> 0;
    const firstWord = eventPayloadType | (packet.isFirst ? 0x80 : 0);
    stampRtp(this.#eventPacket, firstWord, this.#sequence, startTimestamp);
    const duration = packet.event.duration * eventUnitsPerSample;
    writeTelephoneEvent(this.#eventPacket, rtpHeaderBytes, { ...packet.event, duration });
    this.#isMarkDue = true;
    return this.#eventPacket;
  }

  #nextAudio(): Buffer {
    const { payloadType, silence } = this.#format;
    const playout = this.#interludes?.isPlaying ? this.#interludes.playout : this.playout;
    const packet = this.#audioPacket;
    const isMarked = this.#isMarkDue || playout.isBeginning;
    const end = playout.fill(packet, rtpHeaderBytes, silence);
    this.#isMarkDue = false;
    stampRtp(packet, payloadType | (isMarked ? 0x80 : 0), this.#sequence, this.#timestamp);
    return end === packet.length ? packet : packet.subarray(0, end);
  }

  #allocate(format: SenderFormat): Buffer {
    const packet = Buffer.alloc(rtpHeaderBytes + format.payloadBytes);
    prepareRtp(packet, this.#ssrc);
    return packet;
  }
}

function random32(random: Random): number {
  return Number.parseInt(random.hex(4), 16);
}
