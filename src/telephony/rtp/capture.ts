import type { AudioListener, HeardPlace } from './received-audio.ts';

/** Keeps the beginning of what was heard; what lies beyond the capacity is dropped. */
export class Capture implements AudioListener {
  readonly #pcm: Int16Array<ArrayBuffer>;
  #end = 0;

  /** `capacitySamples` is allocated at once: 16 KB per second at 8 kHz. */
  constructor(capacitySamples: number) {
    this.#pcm = new Int16Array(capacitySamples);
  }

  hear(pcm: Int16Array, { timestamp }: HeardPlace): void {
    const room = this.#pcm.length - timestamp;
    if (room <= 0) return;
    this.#pcm.set(pcm.length <= room ? pcm : pcm.subarray(0, room), timestamp);
    this.#end = Math.min(this.#pcm.length, timestamp + pcm.length);
  }

  /** A copy of what there is. */
  read(): Int16Array<ArrayBuffer> {
    return this.#pcm.slice(0, this.#end);
  }
}
