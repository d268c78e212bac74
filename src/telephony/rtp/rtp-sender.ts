import type { Random } from '../../lib/random.ts';
import { DigitSender } from './digit-sender.ts';
import type { Playout } from './playout.ts';
import { prepareRtp, rtpHeaderBytes, stampRtp } from './rtp-packet.ts';
import { eventOfDigit, telephoneEventBytes, writeTelephoneEvent } from './telephone-event.ts';

/** What is sent in, as negotiated. */
export type SenderFormat = {
  readonly payloadType: number;
  /** Null: digits cannot be sent. */
  readonly eventPayloadType: number | null;
  /** The code of digital silence in the codec. */
  readonly silence: number;
  /** Samples, hence bytes, of one packet. */
  readonly packetSamples: number;
  readonly canSend: boolean;
};

/**
 * Builds the packets of one session, one per packet time: digits before prompt before silence. Sequence numbers run without a gap over everything
 * that is sent; the timestamp follows the media clock also where nothing is sent (hold, a skipped pause of the thread), and a prompt waits
 * meanwhile. The marker bit stands on the first packet, after any such gap, on the first packet of a playback and of a digit (RFC 3551 4.1).
 * No allocation per packet: `next` gives out one of two buffers, which are overwritten by later calls.
 */
export class RtpSender {
  readonly playout: Playout;
  readonly #ssrc: number;
  readonly #digits = new DigitSender();
  readonly #eventPacket: Buffer;
  #format: SenderFormat;
  #audioPacket: Buffer;
  #sequence: number;
  #timestamp: number;
  #isMarkDue = true;

  constructor(format: SenderFormat, playout: Playout, random: Random) {
    this.playout = playout;
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
    return (this.#timestamp - this.#format.packetSamples) >>> 0;
  }

  get packetSamples(): number {
    return this.#format.packetSamples;
  }

  /** Takes a new format; everything running goes on. */
  configure(format: SenderFormat): void {
    this.#format = format;
    this.#audioPacket = this.#allocate(format);
  }

  /** Queues a digit. False: not a digit, or telephone events were not negotiated. */
  sendDigit(digit: string, durationSamples: number): boolean {
    const event = eventOfDigit(digit);
    if (event === null || this.#format.eventPayloadType === null) return false;
    this.#digits.enqueue(event, durationSamples);
    return true;
  }

  /** Time went by in which no packet was asked for: the media clock jumps, audio does not. */
  skip(samples: number): void {
    this.#timestamp = (this.#timestamp + samples) >>> 0;
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
    this.#timestamp = (this.#timestamp + packetSamples) >>> 0;
    return packet;
  }

  #nextEvent(): Buffer | null {
    const { eventPayloadType, packetSamples } = this.#format;
    if (eventPayloadType === null) return null;
    const packet = this.#digits.next(this.#timestamp, packetSamples);
    if (packet === null) return null;
    stampRtp(
      this.#eventPacket,
      eventPayloadType | (packet.isFirst ? 0x80 : 0),
      this.#sequence,
      packet.startTimestamp >>> 0,
    );
    writeTelephoneEvent(this.#eventPacket, rtpHeaderBytes, packet.event);
    this.#isMarkDue = true;
    return this.#eventPacket;
  }

  #nextAudio(): Buffer {
    const { payloadType, silence } = this.#format;
    const filled = this.playout.fill(this.#audioPacket, rtpHeaderBytes, silence);
    const isMarked = this.#isMarkDue || filled === 'first';
    this.#isMarkDue = false;
    stampRtp(this.#audioPacket, payloadType | (isMarked ? 0x80 : 0), this.#sequence, this.#timestamp);
    return this.#audioPacket;
  }

  #allocate(format: SenderFormat): Buffer {
    const packet = Buffer.alloc(rtpHeaderBytes + format.packetSamples);
    prepareRtp(packet, this.#ssrc);
    return packet;
  }
}

function random32(random: Random): number {
  return Number.parseInt(random.hex(4), 16);
}
