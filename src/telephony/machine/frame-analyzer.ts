import { PowerSpectrum, windowSamples } from './power-spectrum.ts';

/** Samples in one frame: 20 ms at 8 kHz. */
export const frameSamples = 160;
export const frameMs = 20;

/** What one frame sounds like. */
export type FrameFacts = {
  /** Root mean square of the frame in decibels of full scale; -100 is digital silence. */
  readonly levelDb: number;
  /** What the frame consists of, if that is one pure tone or two, the lower one first; null: it is something else. */
  readonly tone: FrameTone | null;
};

export type FrameTone = { readonly hz: number; readonly secondHz: number | null };

const binHz = 8000 / windowSamples;
/** What is below is hum of the mains, what is above is outside a telephone's band. */
const firstBin = 6;
const lastBin = 120;
/** A Hann window spreads a tone over so many bins on either side. */
const spread = 2;
/** How much of the power in the band a tone, or two, must hold. */
const toneShare = 0.88;
/** A second tone has at least this share of the first one's power: 10 dB less. */
const secondShare = 0.1;
/** Quieter than this nothing is called a tone. */
const leastToneDb = -48;

/** Measures frame by frame. Each frame is looked at together with the 12 ms before it. */
export class FrameAnalyzer {
  readonly #spectrum = new PowerSpectrum();
  readonly #window = new Float64Array(windowSamples);

  /** `frame` has 160 samples, 8 kHz. */
  analyze(frame: Int16Array): FrameFacts {
    const window = this.#window;
    window.copyWithin(0, frameSamples);
    let sum = 0;
    for (let index = 0; index < frameSamples; index += 1) {
      const sample = (frame[index] ?? 0) / 32768;
      window[windowSamples - frameSamples + index] = sample;
      sum += sample * sample;
    }
    const levelDb = sum === 0 ? -100 : Math.max(-100, 10 * Math.log10(sum / frameSamples));
    return { levelDb, tone: levelDb < leastToneDb ? null : this.#tone() };
  }

  #tone(): FrameTone | null {
    const power = this.#spectrum.of(this.#window);
    let total = 0;
    for (let bin = firstBin; bin <= lastBin; bin += 1) total += power[bin] ?? 0;
    const first = strongest(power, null);
    const held = powerAround(power, first);
    if (held >= toneShare * total) return { hz: frequencyAt(power, first), secondHz: null };
    const second = strongest(power, first);
    const alsoHeld = powerAround(power, second);
    if (alsoHeld < secondShare * held || held + alsoHeld < toneShare * total) return null;
    const [low, high] = first < second ? [first, second] : [second, first];
    return { hz: frequencyAt(power, low), secondHz: frequencyAt(power, high) };
  }
}

/** The strongest bin of the band that is not part of the tone at `besides`. */
function strongest(power: Float64Array, besides: number | null): number {
  let best = firstBin;
  let bestPower = -1;
  for (let bin = firstBin; bin <= lastBin; bin += 1) {
    if (besides !== null && Math.abs(bin - besides) <= spread) continue;
    if ((power[bin] ?? 0) <= bestPower) continue;
    best = bin;
    bestPower = power[bin] ?? 0;
  }
  return best;
}

function powerAround(power: Float64Array, center: number): number {
  let sum = 0;
  for (let bin = center - spread; bin <= center + spread; bin += 1) sum += power[bin] ?? 0;
  return sum;
}

/** Between the bins: the top of the parabola through the logarithms of the three around it. Right to about 1 Hz for a Hann window. */
function frequencyAt(power: Float64Array, bin: number): number {
  const logarithm = (offset: number): number => Math.log((power[bin + offset] ?? 0) + 1e-20);
  const [before, here, after] = [logarithm(-1), logarithm(0), logarithm(1)];
  const curve = before - 2 * here + after;
  const shift = curve === 0 ? 0 : (0.5 * (before - after)) / curve;
  return (bin + Math.max(-0.5, Math.min(0.5, shift))) * binHz;
}
