import type { G711Codec } from '../audio/g711.ts';
import type { Capture } from './capture.ts';
import { idleKeys, type KeyPress, type KeyPressState, stepKeyPress } from './key-press-machine.ts';
import { ReceiveStatistics } from './receive-statistics.ts';
import { createRtpHeader, parseRtp, type RtpHeader } from './rtp-packet.ts';
import { digitOfEvent, parseTelephoneEvent } from './telephone-event.ts';

/** What a receiver tells of. */
export type ReceiverObserver = {
  /** The first packet of a negotiated payload type. */
  onFirstPacket(): void;
  onDigit(digit: string, durationMs: number): void;
};

export type ReceiverFormat = {
  readonly payloadType: number;
  readonly eventPayloadType: number | null;
  readonly ownEventPayloadType?: number;
};

/** The codecs that a capture decodes, by payload type. */
export type ReceiverCodecs = ReadonlyMap<number, G711Codec>;

/** The receiving side of one session, without its socket. */
export class RtpReceiver {
  readonly statistics = new ReceiveStatistics(8000);
  readonly #observer: ReceiverObserver;
  readonly #capture: Capture | null;
  readonly #codecs: ReceiverCodecs;
  readonly #header = createRtpHeader();
  #format: ReceiverFormat;
  #keys: KeyPressState = idleKeys;
  #hasPacket = false;

  constructor(format: ReceiverFormat, codecs: ReceiverCodecs, observer: ReceiverObserver, capture: Capture | null) {
    this.#format = format;
    this.#codecs = codecs;
    this.#observer = observer;
    this.#capture = capture;
  }

  configure(format: ReceiverFormat): void {
    this.#format = format;
  }

  /**
   * Reads a packet's header without taking the packet; null: not RTP, or of a payload type that was not negotiated. The header is filled anew with
   * the next packet.
   */
  peek(packet: Uint8Array): Readonly<RtpHeader> | null {
    const header = this.#header;
    if (!parseRtp(packet, header)) return null;
    const { payloadType } = header;
    const isKnown =
      this.#isEvent(payloadType) || this.#codecs.has(payloadType) || payloadType === this.#format.payloadType;
    return isKnown ? header : null;
  }

  /** The SSRC of the latest packet that was read. */
  get ssrc(): number {
    return this.#header.ssrc;
  }

  /** Takes a datagram. False: not RTP, or of a payload type that was not offered; such a sender is not worth latching onto. */
  receive(packet: Uint8Array, nowMs: number): boolean {
    const header = this.#header;
    if (!parseRtp(packet, header)) return false;
    const isEvent = this.#isEvent(header.payloadType);
    // Both static codecs were offered, so the far side may change between them at will (RFC 3264 5.1).
    const codec = isEvent ? undefined : this.#codecs.get(header.payloadType);
    if (!isEvent && codec === undefined && header.payloadType !== this.#format.payloadType) {
      // Such as comfort noise: of no use, but its sequence number must not count as lost.
      if (this.#hasPacket) this.statistics.countPacket(header.ssrc, header.sequence);
      return false;
    }
    this.statistics.countPacket(header.ssrc, header.sequence);
    if (!this.#hasPacket) {
      this.#hasPacket = true;
      this.#observer.onFirstPacket();
    }
    if (isEvent) {
      this.#receiveEvent(packet, nowMs);
      return true;
    }
    this.statistics.countArrival(header.timestamp, nowMs);
    if (this.#capture !== null && codec !== undefined) {
      this.#capture.write(header, packet.subarray(header.payloadStart, header.payloadEnd), codec);
    }
    return true;
  }

  /** To be called every packet time or so: concludes a key press whose end packets were lost. */
  passTime(nowMs: number): void {
    if (this.#keys.open === null) return;
    const { state, presses } = stepKeyPress(this.#keys, { type: 'time', nowMs });
    this.#keys = state;
    for (const press of presses) this.#report(press);
  }

  /** What was received, 8 kHz; null: nobody asked for it to be kept. */
  captured(): Int16Array<ArrayBuffer> | null {
    return this.#capture?.read() ?? null;
  }

  /** Events come with the number that our side mapped (RFC 3264 5.1), from careless phones with their own. */
  #isEvent(payloadType: number): boolean {
    const { eventPayloadType, ownEventPayloadType } = this.#format;
    return payloadType === eventPayloadType || payloadType === ownEventPayloadType;
  }

  #receiveEvent(packet: Uint8Array, nowMs: number): void {
    const { payloadStart, payloadEnd, timestamp } = this.#header;
    const event = parseTelephoneEvent(packet, payloadStart, payloadEnd);
    if (event === null || digitOfEvent(event.event) === null) return;
    const { state, presses } = stepKeyPress(this.#keys, { type: 'packet', timestamp, event, nowMs });
    this.#keys = state;
    for (const press of presses) this.#report(press);
  }

  #report(press: KeyPress): void {
    const digit = digitOfEvent(press.event);
    if (digit !== null) this.#observer.onDigit(digit, Math.round(press.duration / 8));
  }
}
