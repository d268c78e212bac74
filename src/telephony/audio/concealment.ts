/** So long is what was heard last repeated; after that there is silence. As in G.711 appendix I. */
const longestMs = 60;
/** At full level for so long, then down to nothing. */
const fullMs = 10;
/** How much of the past is kept: the longest period, and what is compared with it. */
const historyMs = 25;
/** Periods that are looked for: 66 to 200 Hz, where voices are; a higher tone fits in several times. */
const shortestPeriodMs = 5;
const longestPeriodMs = 15;

/**
 * Fills in for lost audio: repeats the last period of what was heard, fading out within 60 ms, after the idea of G.711 appendix I but without its overlaps,
 * which are for ears that listen live.
 */
export class Concealment {
  readonly #samplesPerMs: number;
  readonly #history: Int16Array;
  /** Samples that were made up since the last ones that were heard. */
  #madeUp = 0;
  #period = 1;

  constructor(sampleRate: number) {
    this.#samplesPerMs = sampleRate / 1000;
    this.#history = new Int16Array(historyMs * this.#samplesPerMs);
  }

  /** Takes what was heard, in order. */
  remember(pcm: Int16Array): void {
    const history = this.#history;
    this.#madeUp = 0;
    if (pcm.length < history.length) {
      history.copyWithin(0, pcm.length);
      history.set(pcm, history.length - pcm.length);
    } else {
      history.set(pcm.subarray(pcm.length - history.length));
    }
  }

  /** Goes on where the last samples ended, whether they were heard or made up. */
  fill(out: Int16Array): void {
    const history = this.#history;
    if (this.#madeUp === 0) this.#period = this.#findPeriod();
    const full = fullMs * this.#samplesPerMs;
    const longest = longestMs * this.#samplesPerMs;
    for (let index = 0; index < out.length; index += 1) {
      const sample = history[history.length - this.#period + (this.#madeUp % this.#period)] ?? 0;
      const gain = Math.max(0, Math.min(1, (longest - this.#madeUp) / (longest - full)));
      out[index] = sample * gain;
      this.#madeUp += 1;
    }
  }

  /** The shift at which the latest past resembles what was before it most. */
  #findPeriod(): number {
    const history = this.#history;
    const compared = (historyMs - longestPeriodMs) * this.#samplesPerMs;
    const from = history.length - compared;
    let best = longestPeriodMs * this.#samplesPerMs;
    let least = Number.POSITIVE_INFINITY;
    for (let period = best; period >= shortestPeriodMs * this.#samplesPerMs; period -= 1) {
      let difference = 0;
      for (let index = from; index < history.length; index += 1) {
        difference += Math.abs((history[index] ?? 0) - (history[index - period] ?? 0));
      }
      if (difference < least) {
        least = difference;
        best = period;
      }
    }
    return best;
  }
}
