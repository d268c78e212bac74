import { createRtpHeader, type RtpHeader } from './rtp-packet.ts';

/** How a packet stands to the one before it. */
export type PacketOrder = {
  /** So many packets before this one never came. */
  readonly missing: number;
  /** The far side began anew: another SSRC, or a sequence number that has nothing to do with the ones before. */
  readonly isNewSource: boolean;
  readonly arrivalMs: number;
};

/** Receives the packets in order. `packet` and `header` are reused. */
export type OrderedSink = (packet: Uint8Array, header: Readonly<RtpHeader>, order: PacketOrder) => void;

/** So long does a packet wait for one that should come before it. */
export const reorderWindowMs = 80;
/** Most packets that wait: 160 ms of the shortest ones. */
const slotCount = 16;
/** A sequence number further off than this is another source's, as for the statistics (RFC 3550 A.1). */
const mostAhead = 3000;
const mostBehind = 1000;
/** So many packets in a row that seem to come late are a source that counts anew. */
const mostLateInRow = 20;

type Slot = { isFilled: boolean; readonly header: RtpHeader; bytes: Uint8Array; arrivalMs: number };

/**
 * Puts packets in the order of their sequence numbers. One that comes in order is passed on at once, without a copy; where some are missing, those after them
 * wait for up to {@link reorderWindowMs}. What comes twice, or after it was given up, is dropped. Nothing is allocated before a packet has to wait.
 */
export class ReorderWindow {
  readonly #sink: OrderedSink;
  readonly #slots: Slot[] = [];
  #ssrc: number | null = null;
  #expected = 0;
  #held = 0;
  #heldSinceMs = 0;
  #lateInRow = 0;

  constructor(sink: OrderedSink) {
    this.#sink = sink;
  }

  /** Whether packets wait for others. */
  get isHolding(): boolean {
    return this.#held > 0;
  }

  take(packet: Uint8Array, header: Readonly<RtpHeader>, nowMs: number): void {
    const ahead = (header.sequence - this.#expected) & 0xffff;
    if (header.ssrc !== this.#ssrc || this.#isElsewhere(ahead)) {
      this.#releaseAll();
      this.#ssrc = header.ssrc;
      this.#deliver(packet, header, { missing: 0, isNewSource: true, arrivalMs: nowMs });
      return;
    }
    if (ahead > mostAhead) return;
    while (ahead > 0 && this.#held > 0 && this.#aheadOf(header) >= slotCount) this.#release();
    const missing = this.#aheadOf(header);
    // More than could be waited for: the gap is a gap.
    if (missing === 0 || missing >= slotCount) {
      this.#deliver(packet, header, { missing, isNewSource: false, arrivalMs: nowMs });
      this.#drain();
    } else {
      this.#hold(packet, header, nowMs);
    }
    if (this.#held > 0) this.passTime(nowMs);
  }

  /** Gives up on what is missing for too long. */
  passTime(nowMs: number): void {
    while (this.#held > 0 && nowMs - this.#heldSinceMs >= reorderWindowMs) this.#release();
  }

  #aheadOf(header: Readonly<RtpHeader>): number {
    return (header.sequence - this.#expected) & 0xffff;
  }

  #isElsewhere(ahead: number): boolean {
    const isLate = ahead >= 0x1_0000 - mostBehind;
    this.#lateInRow = isLate ? this.#lateInRow + 1 : 0;
    return this.#lateInRow > mostLateInRow || (ahead > mostAhead && !isLate);
  }

  #hold(packet: Uint8Array, header: Readonly<RtpHeader>, arrivalMs: number): void {
    const slot = this.#slot(header.sequence);
    if (slot.isFilled) return;
    const length = header.payloadEnd - header.payloadStart;
    if (slot.bytes.length < length) slot.bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) slot.bytes[index] = packet[header.payloadStart + index] ?? 0;
    Object.assign(slot.header, header, { payloadStart: 0, payloadEnd: length });
    slot.isFilled = true;
    slot.arrivalMs = arrivalMs;
    if (this.#held === 0) this.#heldSinceMs = arrivalMs;
    this.#held += 1;
  }

  /** Passes on what waits up to the next gap, the missing ones before it given up. Something waits. */
  #release(): void {
    let missing = 0;
    while (!this.#slot(this.#expected + missing).isFilled) missing += 1;
    const slot = this.#slot(this.#expected + missing);
    this.#free(slot);
    this.#deliver(slot.bytes, slot.header, { missing, isNewSource: false, arrivalMs: slot.arrivalMs });
    this.#drain();
  }

  #releaseAll(): void {
    while (this.#held > 0) this.#release();
  }

  /** Passes on what now follows without a gap. */
  #drain(): void {
    while (this.#held > 0) {
      const slot = this.#slot(this.#expected);
      if (!slot.isFilled) break;
      this.#free(slot);
      this.#deliver(slot.bytes, slot.header, { missing: 0, isNewSource: false, arrivalMs: slot.arrivalMs });
    }
    if (this.#held === 0) return;
    const waiting = this.#slots.filter((slot) => slot.isFilled);
    this.#heldSinceMs = Math.min(...waiting.map((slot) => slot.arrivalMs));
  }

  #free(slot: Slot): void {
    slot.isFilled = false;
    this.#held -= 1;
  }

  #deliver(packet: Uint8Array, header: Readonly<RtpHeader>, order: PacketOrder): void {
    this.#expected = (header.sequence + 1) & 0xffff;
    this.#sink(packet, header, order);
  }

  #slot(sequence: number): Slot {
    const index = sequence % slotCount;
    let slot = this.#slots[index];
    if (slot === undefined) {
      slot = { isFilled: false, header: createRtpHeader(), bytes: new Uint8Array(0), arrivalMs: 0 };
      this.#slots[index] = slot;
    }
    return slot;
  }
}
