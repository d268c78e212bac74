import { highFrequencies, lowFrequencies } from './dtmf-frequencies.ts';

/** The detector hears at 8 kHz. */
const sampleRate = 8000;
/** 20 ms: long enough to tell 697 from 770 Hz, short enough to see a pause of 40 ms. */
export const frameSamples = 160;
/** 5 ms from frame to frame. */
export const hopSamples = 40;

const frequencies = [...lowFrequencies, ...highFrequencies];

/** A group's strongest tone in a frame. */
export type GroupPeak = {
  /** Row or column, 0 to 3. */
  index: number;
  /** Mean power, a sine of full scale is 1. Right for the frequency that the tone has, within `deviation`. */
  power: number;
  /** By how much its frequency differs from the nominal one, as a share of it; NaN: the frame before said nothing of it. */
  deviation: number;
};

/** A tone under the right half of a window, from the middle of the frame on. */
type Table = { readonly cosine: Float64Array; readonly sine: Float64Array };

const half = frameSamples / 2;
const groupSize = 4;

/**
 * The DTMF tones in frames of 20 ms, 5 ms apart: each is correlated with the eight tones under a Hann window, whose side lobes are so low that the two tones do not
 * disturb each other. How far the phase of a tone moves from frame to frame says its frequency, to about 1 Hz in noise of 15 dB below it. A frame is folded at its middle
 * first: of what is the same on both sides a cosine is all there is to see, of what is opposite a sine, and so each tone costs half.
 */
export class DtmfSpectrum {
  readonly low: GroupPeak = { index: 0, power: 0, deviation: Number.NaN };
  readonly high: GroupPeak = { index: 0, power: 0, deviation: Number.NaN };
  readonly #tables = frequencies.map(tableOf);
  readonly #even = new Float64Array(half);
  readonly #odd = new Float64Array(half);
  readonly #phases = new Float64Array(frequencies.length).fill(Number.NaN);
  readonly #powers = new Float64Array(frequencies.length);

  /** There was a frame that nobody looked at. */
  skip(): void {
    this.#phases.fill(Number.NaN);
  }

  /**
   * Takes the next frame; {@link low} and {@link high} tell of it until the one after. False: the low group has less than `leastPower`, and the high one was not
   * looked at.
   */
  analyse(frame: Float64Array, leastPower: number): boolean {
    this.#fold(frame);
    this.#lookAt(this.low, 0);
    if (this.low.power >= leastPower) {
      this.#lookAt(this.high, groupSize);
      return true;
    }
    this.#phases.fill(Number.NaN, groupSize);
    return false;
  }

  #fold(frame: Float64Array): void {
    const even = this.#even;
    const odd = this.#odd;
    for (let index = 0; index < half; index += 1) {
      const before = frame[half - 1 - index] as number;
      const after = frame[half + index] as number;
      even[index] = after + before;
      odd[index] = after - before;
    }
  }

  #lookAt(peak: GroupPeak, first: number): void {
    let best = first;
    const phaseBefore = this.#phases.slice(first, first + groupSize);
    for (let index = first; index < first + groupSize; index += 1) {
      this.#correlate(index);
      if ((this.#powers[index] ?? 0) > (this.#powers[best] ?? 0)) best = index;
    }
    const nominalHz = frequencies[best] ?? 1;
    const moved = ((this.#phases[best] ?? 0) - (phaseBefore[best - first] ?? 0)) / (2 * Math.PI);
    const offsetHz = (partOfTurn(moved - (nominalHz * hopSamples) / sampleRate) * sampleRate) / hopSamples;
    peak.index = best - first;
    peak.deviation = offsetHz / nominalHz;
    peak.power = (this.#powers[best] ?? 0) / responseAt(offsetHz);
  }

  #correlate(index: number): void {
    const { cosine, sine } = this.#tables[index] as Table;
    const even = this.#even;
    const odd = this.#odd;
    let real = 0;
    let imaginary = 0;
    for (let sample = 0; sample < half; sample += 1) {
      real += (even[sample] as number) * (cosine[sample] as number);
      imaginary -= (odd[sample] as number) * (sine[sample] as number);
    }
    this.#powers[index] = real * real + imaginary * imaginary;
    this.#phases[index] = Math.atan2(imaginary, real);
  }
}

/** A Hann window that adds up to 2, so that a sine of amplitude `a` gives `a`. */
export function hannWindow(): Float64Array {
  return Float64Array.from(
    { length: frameSamples },
    (_, n) => (2 / frameSamples) * (1 - Math.cos((2 * Math.PI * (n + 0.5)) / frameSamples)),
  );
}

function tableOf(frequencyHz: number): Table {
  const window = hannWindow().subarray(half);
  const step = (2 * Math.PI * frequencyHz) / sampleRate;
  return {
    cosine: window.map((value, n) => value * Math.cos(step * (n + 0.5))),
    sine: window.map((value, n) => value * Math.sin(step * (n + 0.5))),
  };
}

/** What is left of turns without the whole ones, -0.5 to 0.5. */
function partOfTurn(turns: number): number {
  return turns - Math.round(turns);
}

/** The share of a tone's power that is seen from a frequency so far beside it: a Hann window's main lobe, as far as half of it. */
function responseAt(offsetHz: number): number {
  const bins = Math.min(1, Math.abs((offsetHz * frameSamples) / sampleRate));
  // Also for NaN, of which nothing is known.
  if (!(bins > 1e-3)) return 1;
  if (bins > 0.999) return 0.25;
  const amplitude = Math.sin(Math.PI * bins) / (Math.PI * bins * (1 - bins * bins));
  return amplitude * amplitude;
}
