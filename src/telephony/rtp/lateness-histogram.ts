const bucketMs = 0.1;
const bucketCount = 1000;

/** Distribution of how late packets were sent, to 0.1 ms up to 100 ms; later ones share the last bucket. */
export class LatenessHistogram {
  readonly #counts = new Uint32Array(bucketCount);
  #total = 0;
  #maxMs = 0;

  get maxMs(): number {
    return this.#maxMs;
  }

  /** Counts one packet. Early counts as 0. */
  record(latenessMs: number): void {
    const bucket = latenessMs <= 0 ? 0 : Math.min(bucketCount - 1, Math.floor(latenessMs / bucketMs));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
    if (latenessMs > this.#maxMs) this.#maxMs = latenessMs;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#maxMs = 0;
  }

  /** The upper edge of the bucket that `share` (0 to 1) of the packets reach at most; 0 when there was none. */
  quantileMs(share: number): number {
    let left = share * this.#total;
    if (left <= 0) return 0;
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      left -= this.#counts[bucket] ?? 0;
      if (left <= 0) return Math.min(this.#maxMs, (bucket + 1) * bucketMs);
    }
    return this.#maxMs;
  }
}
