import type { G711Codec } from '../audio/g711.ts';

/**
 * The beginning of what was received, laid out by RTP timestamp: a lost packet leaves silence, a late one finds its place, what lies before the
 * first packet or beyond the capacity is dropped.
 */
export class Capture {
  readonly #pcm: Int16Array<ArrayBuffer>;
  #base: number | null = null;
  #ssrc = 0;
  #end = 0;

  /** `capacitySamples` is allocated at once: 16 KB per second at 8 kHz. */
  constructor(capacitySamples: number) {
    this.#pcm = new Int16Array(capacitySamples);
  }

  /** Decodes `packet[start, end)` into its place. */
  write(at: { readonly timestamp: number; readonly ssrc: number }, codes: Uint8Array, codec: G711Codec): void {
    if (this.#base === null || at.ssrc !== this.#ssrc) {
      // Another source goes on where the one before it ended.
      this.#base = (at.timestamp - this.#end) | 0;
      this.#ssrc = at.ssrc;
    }
    const offset = (at.timestamp - this.#base) | 0;
    if (offset < 0 || offset + codes.length > this.#pcm.length) return;
    codec.decode(codes, this.#pcm.subarray(offset));
    this.#end = Math.max(this.#end, offset + codes.length);
  }

  /** A copy of what there is. */
  read(): Int16Array<ArrayBuffer> {
    return this.#pcm.slice(0, this.#end);
  }
}
