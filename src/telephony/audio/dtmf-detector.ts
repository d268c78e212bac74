import { keyAt } from './dtmf-frequencies.ts';
import { type PressFrame, type PressState, stepPress } from './dtmf-press-machine.ts';
import { DtmfSpectrum, frameSamples, type GroupPeak, hannWindow, hopSamples } from './dtmf-spectrum.ts';

/** A press that was heard; `durationMs` to 5 ms. */
export type HeardPress = { readonly key: string; readonly durationMs: number };

/** 0 dBm0 in G.711 is a sine 3.14 dB below full scale (ITU-T G.711, table 5). */
const fullScaleDbm0 = 3.14;
/** Each tone has this power at least: -40 dBm0, for keys of -36 and less in noise. */
const leastTonePower = 10 ** ((-40 - fullScaleDbm0) / 10);
const hops = frameSamples / hopSamples;
/** A frame with less than a quarter of that is silent: half of it may be before or behind the key. */
const leastEnergy = (2 * leastTonePower * frameSamples) / 2 / 4;
/** By so much may the frequencies be off: Q.24 wants 1.5 % taken and 3.5 % refused. */
const mostDeviation = 0.025;
/** The high tone may be 4 dB stronger or 8 dB weaker than the low one (Q.24; reverse and normal twist), and 2 dB more for what noise does. */
const mostReverseTwist = 10 ** (6 / 10);
const mostNormalTwist = 10 ** (10 / 10);
/** The share of all power that the two tones have: noise may be 6 dB below them. */
const leastShare = 0.8;
/** A frame in which the low tone has less than this share of the power has no key, and the high group is not looked at. */
const leastLowShare = 0.05;

/**
 * Hears keys in 8 kHz audio by their tones (ITU-T Q.23, Q.24). What is taken: two tones within 1.5 % of a key's, from 0 to -36 dBm0 each, the high one from
 * 8 dB below to 4 dB above the low one, for 40 ms, after a pause of 40 ms. What is not: 23 ms or less, 3.5 % or more off, and what has more beside the two tones
 * than a quarter of their power, as speech and music have with their overtones. About 0.4 ms of computing a second of sound, next to none of silence.
 */
export class DtmfDetector {
  readonly #onPress: (press: HeardPress) => void;
  readonly #spectrum = new DtmfSpectrum();
  readonly #window = hannWindow();
  readonly #frame = new Float64Array(frameSamples);
  /** Of each hop of the frame: the sum of its squares, and how many samples were made up. */
  readonly #energies = new Float64Array(hops);
  readonly #concealed = new Uint8Array(hops);
  /** Samples of the latest hop that are there. */
  #filled = hopSamples;
  #state: PressState = null;

  constructor(onPress: (press: HeardPress) => void) {
    this.#onPress = onPress;
  }

  /** The next piece of audio, of any length; `isConcealed`: it was made up for lost packets. */
  hear(pcm: Int16Array, { isConcealed }: { readonly isConcealed: boolean }): void {
    for (let from = 0; from < pcm.length; ) {
      if (this.#filled === hopSamples) this.#beginHop();
      const to = Math.min(pcm.length, from + hopSamples - this.#filled);
      this.#fill(pcm, from, to);
      if (isConcealed) this.#concealed[hops - 1] = (this.#concealed[hops - 1] ?? 0) + to - from;
      from = to;
      if (this.#filled === hopSamples) this.#step();
    }
  }

  #beginHop(): void {
    this.#frame.copyWithin(0, hopSamples);
    this.#energies.copyWithin(0, 1);
    this.#energies[hops - 1] = 0;
    this.#concealed.copyWithin(0, 1);
    this.#concealed[hops - 1] = 0;
    this.#filled = 0;
  }

  #fill(pcm: Int16Array, from: number, to: number): void {
    const frame = this.#frame;
    const offset = frameSamples - hopSamples + this.#filled - from;
    let energy = 0;
    for (let index = from; index < to; index += 1) {
      const value = (pcm[index] as number) / 32_768;
      frame[offset + index] = value;
      energy += value * value;
    }
    this.#energies[hops - 1] = (this.#energies[hops - 1] ?? 0) + energy;
    this.#filled += to - from;
  }

  #step(): void {
    const frame = this.#read();
    if (this.#state === null && frame === nothing) return;
    const { state, press } = stepPress(this.#state, frame);
    this.#state = state;
    if (press !== null) this.#onPress(press);
  }

  #read(): PressFrame {
    const isConcealed = this.#concealed.reduce((sum, count) => sum + count, 0) > frameSamples / 2;
    const blank = isConcealed ? nothingConcealed : nothing;
    if (this.#energies.reduce((sum, energy) => sum + energy, 0) < leastEnergy) {
      this.#spectrum.skip();
      return blank;
    }
    const total = this.#power();
    const spectrum = this.#spectrum;
    if (!spectrum.analyse(this.#frame, total * leastLowShare)) return blank;
    const { low, high } = spectrum;
    const level = Math.sqrt(low.power + high.power);
    return { key: keyAt(low.index, high.index), level, isClean: isClean(low, high, total), isConcealed };
  }

  /** Of the frame as it is seen through the window; a sine of full scale has 1. */
  #power(): number {
    const frame = this.#frame;
    let sum = 0;
    for (let index = 0; index < frameSamples; index += 1) {
      const value = (frame[index] as number) * (this.#window[index] as number);
      sum += value * value;
    }
    return sum * powerScale;
  }
}

const nothing: PressFrame = { key: null, level: 0, isClean: false, isConcealed: false };
const nothingConcealed: PressFrame = { ...nothing, isConcealed: true };

/** A window's squares add up to 6 / N where it adds up to 2. */
const powerScale = frameSamples / 3;

function isClean(low: GroupPeak, high: GroupPeak, total: number): boolean {
  return (
    low.power >= leastTonePower &&
    high.power >= leastTonePower &&
    high.power <= low.power * mostReverseTwist &&
    low.power <= high.power * mostNormalTwist &&
    low.power + high.power >= total * leastShare &&
    Math.abs(low.deviation) <= mostDeviation &&
    Math.abs(high.deviation) <= mostDeviation
  );
}
