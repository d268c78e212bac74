import { idleKeys, type KeyPress, type KeyPressState, stepKeyPress } from './key-press-machine.ts';
import { ReceiveStatistics } from './receive-statistics.ts';
import type { ReceivedAudio, ReceivedCodecs } from './received-audio.ts';
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
  /** Of the timestamps and durations of events, Hz; absent: 8000. */
  readonly eventClockRate?: number;
};

/** The receiving side of one session, without its socket. */
export class RtpReceiver {
  readonly statistics = new ReceiveStatistics(8000);
  readonly #observer: ReceiverObserver;
  readonly #audio: ReceivedAudio;
  readonly #header = createRtpHeader();
  #format: ReceiverFormat;
  #codecs: ReceivedCodecs;
  /** Of the codec that was agreed on. */
  #clockRate = 8000;
  #keys: KeyPressState = idleKeys;
  #hasPacket = false;

  constructor(format: ReceiverFormat, codecs: ReceivedCodecs, observer: ReceiverObserver, audio: ReceivedAudio) {
    this.#format = format;
    this.#codecs = codecs;
    this.#observer = observer;
    this.#audio = audio;
    this.configure(format, codecs);
  }

  configure(format: ReceiverFormat, codecs: ReceivedCodecs): void {
    this.#format = format;
    this.#codecs = codecs;
    this.#audio.configure(codecs);
    const agreed = codecs.get(format.payloadType);
    if (agreed === undefined || agreed === 'comfort-noise') return;
    this.#clockRate = agreed.clockRate;
    this.statistics.setClockRate(agreed.clockRate);
  }

  /**
   * Reads a packet's header without taking the packet; null: not RTP, or of a payload type that was not negotiated. The header is filled anew with
   * the next packet.
   */
  peek(packet: Uint8Array): Readonly<RtpHeader> | null {
    const header = this.#header;
    if (!parseRtp(packet, header)) return null;
    return this.#isEvent(header.payloadType) || this.#audioClockRate(header.payloadType) !== null ? header : null;
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
    const clockRate = this.#audioClockRate(header.payloadType);
    const isNegotiated = isEvent || clockRate !== null;
    // Of others the sequence numbers must not count as lost. Comfort noise comes negotiated or not, but is nobody's first packet.
    if (!isNegotiated && !this.#hasPacket) return false;
    this.statistics.countPacket(header.ssrc, header.sequence);
    if (!this.#hasPacket) this.#begin(nowMs);
    this.#audio.take(packet, header, nowMs);
    if (isEvent) this.#receiveEvent(packet, nowMs);
    else if (clockRate === this.#clockRate) this.statistics.countArrival(header.timestamp, nowMs);
    return isNegotiated || this.#codecs.has(header.payloadType);
  }

  /** To be called every packet time or so: concludes a key press whose end packets were lost, and hands out silence where nothing comes. */
  passTime(nowMs: number): void {
    this.#audio.passTime(nowMs);
    if (this.#keys.open === null) return;
    const { state, presses } = stepKeyPress(this.#keys, { type: 'time', nowMs });
    this.#keys = state;
    for (const press of presses) this.#report(press);
  }

  #begin(nowMs: number): void {
    this.#hasPacket = true;
    this.#audio.start(nowMs);
    this.#observer.onFirstPacket();
  }

  /** The clock of a codec that may be sent, Hz; null: the payload type is none's. */
  #audioClockRate(payloadType: number): number | null {
    const codec = this.#codecs.get(payloadType);
    if (codec === 'comfort-noise') return null;
    return codec?.clockRate ?? (payloadType === this.#format.payloadType ? this.#clockRate : null);
  }

  /** Events come with the number that our side mapped (RFC 3264 5.1), from careless phones with their own. */
  #isEvent(payloadType: number): boolean {
    const { eventPayloadType, ownEventPayloadType } = this.#format;
    return payloadType === eventPayloadType || payloadType === ownEventPayloadType;
  }

  #receiveEvent(packet: Uint8Array, nowMs: number): void {
    const { payloadStart, payloadEnd, ssrc, sequence, timestamp } = this.#header;
    const event = parseTelephoneEvent(packet, payloadStart, payloadEnd);
    if (event === null || digitOfEvent(event.event) === null) return;
    const input = { type: 'packet', ssrc, sequence, timestamp, event, nowMs } as const;
    const { state, presses } = stepKeyPress(this.#keys, input);
    this.#keys = state;
    for (const press of presses) this.#report(press);
  }

  #report(press: KeyPress): void {
    const digit = digitOfEvent(press.event);
    if (digit !== null)
      this.#observer.onDigit(digit, Math.round(press.duration / ((this.#format.eventClockRate ?? 8000) / 1000)));
  }
}
