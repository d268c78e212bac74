/** What uniformly distributed samples have more at their peak than in the mean. */
const peakOfMean = Math.sqrt(3);

/** What silence sounds like: nothing, or what the far side said of its noise (RFC 3389). Only its level is heeded, not its colour. */
export class ComfortNoise {
  #peak = 0;
  #state = 1;

  /** Takes a comfort noise packet's payload: the level in -dBov, 0 to 127 (RFC 3389 3.1). */
  describe(payload: Uint8Array): void {
    const level = (payload[0] ?? 127) & 0x7f;
    this.#peak = level === 127 ? 0 : Math.min(32_767, 32_767 * 10 ** (-level / 20) * peakOfMean);
  }

  /** The far side spoke again: it will say anew what its silence sounds like. */
  quieten(): void {
    this.#peak = 0;
  }

  fill(out: Int16Array): void {
    if (this.#peak === 0) {
      out.fill(0);
      return;
    }
    for (let index = 0; index < out.length; index += 1) {
      this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) | 0;
      out[index] = (this.#state / 0x8000_0000) * this.#peak;
    }
  }
}
