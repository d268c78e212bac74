import type { TelephoneEvent } from './telephone-event.ts';

/** One packet of a digit to send. `startTimestamp` is the RTP timestamp of all packets of the digit (RFC 4733 2.2.1). */
export type DigitPacket = {
  readonly event: TelephoneEvent;
  readonly startTimestamp: number;
  /** Marker bit: the first packet of a digit. */
  readonly isFirst: boolean;
};

type Sending = { readonly event: number; readonly total: number; readonly start: number; sent: number; ends: number };

const endPackets = 3;
/** Least time between two digits, in samples: 60 ms. */
const gapSamples = 480;

/**
 * The packets of queued digits, one per packet time: updates with growing duration, then the end packet three times in all (RFC 4733 2.5.1.4), all
 * under the timestamp of the digit's beginning; between two digits at least 60 ms. A digit lasts by the media clock, as its receiver reckons (2.3.5): when nothing
 * could be sent meanwhile, it is so much further, or over. Pure but for its own queue.
 */
export class DigitSender {
  readonly #queue: { event: number; total: number }[] = [];
  #sending: Sending | null = null;
  #notBefore: number | null = null;

  /** Appends a digit; `durationSamples` 1 to 65535. */
  enqueue(event: number, durationSamples: number): void {
    this.#queue.push({ event, total: durationSamples });
  }

  /** The packet for the packet time that begins at `timestamp` and lasts `samples`; null: none, audio may be sent. */
  next(timestamp: number, samples: number): DigitPacket | null {
    const sending = this.#sending ?? this.#begin(timestamp);
    if (sending === null) return null;
    const isFirst = sending.sent === 0;
    sending.sent = Math.min(sending.total, timestamp - sending.start + samples);
    const isEnd = sending.sent === sending.total;
    if (isEnd) sending.ends += 1;
    if (sending.ends === endPackets) {
      this.#sending = null;
      this.#notBefore = (sending.start + sending.total + gapSamples) | 0;
    }
    return { event: { event: sending.event, isEnd, duration: sending.sent }, startTimestamp: sending.start, isFirst };
  }

  #begin(timestamp: number): Sending | null {
    if (this.#queue.length === 0) return null;
    if (this.#notBefore !== null && ((timestamp - this.#notBefore) | 0) < 0) return null;
    const digit = this.#queue.shift();
    if (digit === undefined) return null;
    this.#notBefore = null;
    this.#sending = { ...digit, start: timestamp, sent: 0, ends: 0 };
    return this.#sending;
  }
}
