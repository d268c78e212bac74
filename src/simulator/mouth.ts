import type { G711Codec } from '../telephony/audio/g711.ts';
import { generateTones } from '../telephony/audio/tones.ts';
import { DigitSender } from '../telephony/rtp/digit-sender.ts';
import { prepareRtp, rtpHeaderBytes, stampRtp } from '../telephony/rtp/rtp-packet.ts';
import { eventOfDigit, telephoneEventBytes, writeTelephoneEvent } from '../telephony/rtp/telephone-event.ts';

const samplesPerPacket = 160;
const greetingMs = 300;
const greetingHz = 420;
const keyPressSamples = 1280;

/**
 * What a handset sends, packet time by packet time: a short "hello", then keys when they are pressed, and nothing in between, as a phone with
 * silence suppression does (RFC 3551 4.1).
 */
export class Mouth {
  readonly #payloadType: number;
  readonly #eventPayloadType: number | null;
  readonly #ssrc: number;
  readonly #greeting: Uint8Array;
  readonly #digits = new DigitSender();
  #sequence = 0;
  #hasSpoken = false;

  constructor(options: { codec: G711Codec; payloadType: number; eventPayloadType: number | null; ssrc: number }) {
    this.#payloadType = options.payloadType;
    this.#eventPayloadType = options.eventPayloadType;
    this.#ssrc = options.ssrc;
    const pcm = generateTones([{ frequencyHz: greetingHz, durationMs: greetingMs, level: 0.2 }], 8000);
    this.#greeting = new Uint8Array(pcm.length);
    options.codec.encode(pcm, this.#greeting);
  }

  /** Queues a key of 160 ms; false: the caller did not negotiate events. */
  press(digit: string): boolean {
    const event = eventOfDigit(digit);
    if (this.#eventPayloadType === null || event === null) return false;
    this.#digits.enqueue(event, keyPressSamples);
    return true;
  }

  /** The packet of the packet time `tick`, counted from the answer; null: nothing to send. */
  packetAt(tick: number): Uint8Array | null {
    const timestamp = (tick * samplesPerPacket) >>> 0;
    const digit = this.#digits.next(timestamp, samplesPerPacket);
    if (digit !== null && this.#eventPayloadType !== null) {
      const packet = this.#packet(telephoneEventBytes, {
        payloadType: this.#eventPayloadType,
        isMarked: digit.isFirst,
        timestamp: digit.startTimestamp,
      });
      writeTelephoneEvent(packet, rtpHeaderBytes, digit.event);
      return packet;
    }
    const frame = this.#greeting.subarray(tick * samplesPerPacket, (tick + 1) * samplesPerPacket);
    if (frame.length < samplesPerPacket) return null;
    const packet = this.#packet(frame.length, {
      payloadType: this.#payloadType,
      isMarked: !this.#hasSpoken,
      timestamp,
    });
    this.#hasSpoken = true;
    packet.set(frame, rtpHeaderBytes);
    return packet;
  }

  #packet(payloadBytes: number, stamp: { payloadType: number; isMarked: boolean; timestamp: number }): Uint8Array {
    const packet = new Uint8Array(rtpHeaderBytes + payloadBytes);
    prepareRtp(packet, this.#ssrc);
    stampRtp(packet, stamp.payloadType | (stamp.isMarked ? 0x80 : 0), this.#sequence & 0xffff, stamp.timestamp);
    this.#sequence += 1;
    return packet;
  }
}
