/** Samples that are appended piece by piece. */
export class SampleStore {
  #samples = new Float32Array(65_536);
  #length = 0;

  append(samples: Float32Array): void {
    const needed = this.#length + samples.length;
    if (needed > this.#samples.length) {
      const grown = new Float32Array(Math.max(needed, this.#samples.length * 2));
      grown.set(this.#samples.subarray(0, this.#length));
      this.#samples = grown;
    }
    this.#samples.set(samples, this.#length);
    this.#length = needed;
  }

  /** All of them; a view. */
  get samples(): Float32Array<ArrayBuffer> {
    return this.#samples.subarray(0, this.#length);
  }
}
