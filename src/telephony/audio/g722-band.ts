import { inverseLog } from './g722-tables.ts';

/** What differs between the two bands. */
export type BandShape = {
  /** Steps of the logarithmic scale factor by code. */
  readonly scaleSteps: Int32Array;
  readonly mostScale: number;
  /** The scale factor's exponent at which {@link inverseLog} is taken as it is. */
  readonly exponent: number;
  /** The step size at the beginning. */
  readonly firstStep: number;
};

/**
 * The adaptation of one band of G.722, which encoder and decoder run alike: the step size (blocks 3) and the predictor of two poles and six zeros (block 4). The
 * names of the blocks are those of ITU-T G.722 (11/88) 6.2; all values are 16-bit integers there, and saturate.
 */
export class G722Band {
  readonly #shape: BandShape;
  /** The step size (DETL, DETH). */
  step: number;
  /** The predicted sample (SL, SH). */
  predicted = 0;
  #logScale = 0;
  #zerosOutput = 0;
  readonly #zeros = new Int32Array(6);
  readonly #differences = new Int32Array(6);
  #pole1 = 0;
  #pole2 = 0;
  #reconstructed1 = 0;
  #partial1 = 0;
  #partial2 = 0;

  constructor(shape: BandShape) {
    this.#shape = shape;
    this.step = shape.firstStep;
  }

  /** Takes the difference that was coded, in the form that both sides know, and the code that says how the step size goes on. */
  adapt(difference: number, code: number): void {
    this.#adaptStep(code);
    const reconstructed = saturate(this.predicted + difference);
    const partial = saturate(this.#zerosOutput + difference);
    this.#adaptPoles(partial);
    this.#adaptZeros(difference);
    const poles =
      ((this.#pole1 * saturate(2 * reconstructed)) >> 15) + ((this.#pole2 * saturate(2 * this.#reconstructed1)) >> 15);
    this.#reconstructed1 = reconstructed;
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
    this.predicted = saturate(saturate(poles) + this.#zerosOutput);
  }

  /** LOGSCL and SCALEL, LOGSCH and SCALEH. */
  #adaptStep(code: number): void {
    const { scaleSteps, mostScale, exponent } = this.#shape;
    const logScale = ((this.#logScale * 127) >> 7) + (scaleSteps[code] ?? 0);
    this.#logScale = Math.max(0, Math.min(mostScale, logScale));
    const mantissa = inverseLog[(this.#logScale >> 6) & 31] ?? 0;
    const shift = exponent - (this.#logScale >> 11);
    this.step = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  /** UPPOL2 and UPPOL1: by the signs of the partial signal, now and before. */
  #adaptPoles(partial: number): void {
    const isLikeLast = partial < 0 === this.#partial1 < 0;
    const isLikeBefore = partial < 0 === this.#partial2 < 0;
    const quadruple = saturate(this.#pole1 << 2);
    const towards = Math.min(32767, isLikeLast ? -quadruple : quadruple);
    const pole2 = (towards >> 7) + (isLikeBefore ? 128 : -128) + ((this.#pole2 * 32512) >> 15);
    this.#pole2 = Math.max(-12288, Math.min(12288, pole2));
    const pole1 = saturate((isLikeLast ? 192 : -192) + ((this.#pole1 * 32640) >> 15));
    const most = saturate(15360 - this.#pole2);
    this.#pole1 = Math.max(-most, Math.min(most, pole1));
  }

  /** UPZERO and FILTEZ. */
  #adaptZeros(difference: number): void {
    const zeros = this.#zeros;
    const differences = this.#differences;
    const change = difference === 0 ? 0 : 128;
    let latest = difference;
    let output = 0;
    for (let index = 0; index < 6; index += 1) {
      const past = differences[index] ?? 0;
      const towards = past < 0 === difference < 0 ? change : -change;
      const zero = saturate(towards + (((zeros[index] ?? 0) * 32640) >> 15));
      zeros[index] = zero;
      output += (zero * saturate(2 * latest)) >> 15;
      differences[index] = latest;
      latest = past;
    }
    this.#zerosOutput = saturate(output);
  }
}

/** Into 16 bits. */
export function saturate(value: number): number {
  return Math.max(-32768, Math.min(32767, value));
}
