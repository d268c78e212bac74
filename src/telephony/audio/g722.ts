import { type BandShape, G722Band, saturate } from './g722-band.ts';
import {
  highDecision,
  highOutput,
  highScaleSteps,
  lowDecisions,
  lowOutput4,
  lowOutput6,
  lowScaleSteps,
  mirrorFilter,
} from './g722-tables.ts';

/**
 * G.722 at 64 kbit/s (ITU-T G.722, 11/88): 16 kHz in two bands of 8 kHz, the lower one coded with 6 bits a sample, the upper one with 2. A byte has one
 * sample of each, the upper band's in its two highest bits, and so stands for two samples of audio.
 */

const low: BandShape = { scaleSteps: lowScaleSteps, mostScale: 18432, exponent: 8, firstStep: 32 };
const high: BandShape = { scaleSteps: highScaleSteps, mostScale: 22528, exponent: 10, firstStep: 8 };

/** Samples of the past that the mirror filter needs beside the two newest. */
const filterPast = 22;
/** Work is done in blocks of so many bytes: 20 ms. */
const blockBytes = 160;
/** After so many repeated codes nothing is left of what was before: a second. */
const settlingPairs = 8000;

/** One stream's encoder. */
export class G722Encoder {
  readonly #low = new G722Band(low);
  readonly #high = new G722Band(high);
  readonly #line = new Int16Array(filterPast + 2 * blockBytes);

  /** Encodes `pcm` (16 kHz, an even number of samples) into `out`, which holds half as many bytes. */
  encode(pcm: Int16Array, out: Uint8Array): void {
    const line = this.#line;
    for (let from = 0; from < pcm.length; from += 2 * blockBytes) {
      const block = pcm.subarray(from, from + 2 * blockBytes);
      line.set(block, filterPast);
      for (let at = 0; at < block.length; at += 2) out[(from + at) >> 1] = this.#encodePair(at);
      line.copyWithin(0, block.length, block.length + filterPast);
    }
  }

  /**
   * Goes on from the state of a decoder that has heard nothing but `code` for long. A decoder in another state than the encoder's makes a burst of noise of what
   * follows, because its predictor does not fit.
   */
  settle(code: number): void {
    for (let pair = 0; pair < settlingPairs; pair += 1) {
      this.#low.adapt((this.#low.step * (lowOutput4[(code & 0x3f) >> 2] ?? 0)) >> 15, (code & 0x3f) >> 2);
      this.#high.adapt((this.#high.step * (highOutput[code >> 6] ?? 0)) >> 15, code >> 6);
    }
  }

  /** The code of the two samples that the filter ends with at `at`. */
  #encodePair(at: number): number {
    const line = this.#line;
    let even = 0;
    let odd = 0;
    for (let tap = 0; tap < 12; tap += 1) {
      odd += (line[at + 2 * tap] ?? 0) * (mirrorFilter[tap] ?? 0);
      even += (line[at + 2 * tap + 1] ?? 0) * (mirrorFilter[11 - tap] ?? 0);
    }
    return (this.#encodeHigh((even - odd) >> 14) << 6) | this.#encodeLow((even + odd) >> 14);
  }

  #encodeLow(sample: number): number {
    const band = this.#low;
    const difference = saturate(sample - band.predicted);
    const magnitude = difference >= 0 ? difference : ~difference;
    const { step } = band;
    let level = 0;
    while (level < lowDecisions.length && magnitude >= ((lowDecisions[level] ?? 0) * step) >> 12) level += 1;
    const code = lowCode(level, difference < 0);
    band.adapt((step * (lowOutput4[code >> 2] ?? 0)) >> 15, code >> 2);
    return code;
  }

  #encodeHigh(sample: number): number {
    const band = this.#high;
    const difference = saturate(sample - band.predicted);
    const magnitude = difference >= 0 ? difference : ~difference;
    const isLarge = magnitude >= (highDecision * band.step) >> 12;
    const code = (difference < 0 ? 0 : 2) | (isLarge ? 0 : 1);
    band.adapt((band.step * (highOutput[code] ?? 0)) >> 15, code);
    return code;
  }
}

/** Codes fall as the magnitude grows; the two smallest negative levels stand apart, so that no code is all zeros (table 13). */
function lowCode(level: number, isNegative: boolean): number {
  if (!isNegative) return 61 - level;
  return level < 2 ? 63 - level : 33 - level;
}

/** One stream's decoder. */
export class G722Decoder {
  readonly #low = new G722Band(low);
  readonly #high = new G722Band(high);
  readonly #line = new Int32Array(filterPast + 2 * blockBytes);

  /** Decodes every byte of `codes` into two samples of `out` (16 kHz), which holds at least as many. */
  decode(codes: Uint8Array, out: Int16Array): void {
    const line = this.#line;
    for (let from = 0; from < codes.length; from += blockBytes) {
      const count = Math.min(blockBytes, codes.length - from);
      for (let index = 0; index < count; index += 1) this.#decodeByte(codes[from + index] ?? 0, filterPast + 2 * index);
      for (let index = 0; index < count; index += 1) this.#joinBands(2 * index, out, 2 * (from + index));
      line.copyWithin(0, 2 * count, 2 * count + filterPast);
    }
  }

  /**
   * Decodes the lower band of every byte into one sample of `out` (8 kHz), for half of the cost. A stream is decoded either this way or the other.
   */
  decodeNarrow(codes: Uint8Array, out: Int16Array): void {
    for (let index = 0; index < codes.length; index += 1) out[index] = this.#decodeLow(codes[index] ?? 0) << 1;
  }

  #decodeLow(code: number): number {
    const band = this.#low;
    const code6 = code & 0x3f;
    const sample = clip(band.predicted + ((band.step * (lowOutput6[code6] ?? 0)) >> 15));
    band.adapt((band.step * (lowOutput4[code6 >> 2] ?? 0)) >> 15, code6 >> 2);
    return sample;
  }

  #decodeByte(code: number, at: number): void {
    const highCode = code >> 6;
    const lowSample = this.#decodeLow(code);
    const highDifference = (this.#high.step * (highOutput[highCode] ?? 0)) >> 15;
    const highSample = clip(this.#high.predicted + highDifference);
    this.#high.adapt(highDifference, highCode);
    this.#line[at] = lowSample + highSample;
    this.#line[at + 1] = lowSample - highSample;
  }

  #joinBands(at: number, out: Int16Array, to: number): void {
    const line = this.#line;
    let first = 0;
    let second = 0;
    for (let tap = 0; tap < 12; tap += 1) {
      second += (line[at + 2 * tap] ?? 0) * (mirrorFilter[tap] ?? 0);
      first += (line[at + 2 * tap + 1] ?? 0) * (mirrorFilter[11 - tap] ?? 0);
    }
    out[to] = saturate(first >> 11);
    out[to + 1] = saturate(second >> 11);
  }
}

/** Into the 15 bits of one band (LIMIT). */
function clip(value: number): number {
  return Math.max(-16384, Math.min(16383, value));
}
