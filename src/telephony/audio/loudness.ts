/** Loudness as people hear it: ITU-R BS.1770-4, one channel. Levels are in LUFS; a full-scale sine of 997 Hz is -3.01. */

/** A filter of second order, `a0` being 1. */
type Biquad = {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
};

/**
 * The standard gives its two filters as coefficients for 48 kHz only. These are the analog filters behind them, as the libraries that measure at any rate found them
 * (libebur128); at 48 kHz they give the standard's numbers.
 */
const shelf = {
  frequencyHz: 1681.974450955533,
  gainDb: 3.999843853973347,
  q: 0.7071752369554196,
  exponent: 0.4996667741545416,
};
const highPass = { frequencyHz: 38.13547087602444, q: 0.5003270373238773 };
const standardRate = 48_000;

/** Step and length of the blocks that are averaged over: 100 ms, four steps each. */
const stepsASecond = 10;
const stepsABlock = 4;
const absoluteGateLufs = -70;
const relativeGateDb = 10;
const offsetLufs = -0.691;

/**
 * Integrated loudness with both gates, in LUFS. Sound of less than one block (400 ms) is one block of its own length. -Infinity: there is nothing above
 * -70 LUFS.
 */
export function integratedLoudness(samples: Float32Array, sampleRate: number): number {
  const blocks = blockPowers(stepPowers(samples, sampleRate));
  const audible = blocks.filter((power) => lufsOf(power) > absoluteGateLufs);
  const gate = lufsOf(meanOf(audible)) - relativeGateDb;
  return lufsOf(meanOf(audible.filter((power) => lufsOf(power) > gate)));
}

function lufsOf(power: number): number {
  return power > 0 ? offsetLufs + 10 * Math.log10(power) : Number.NEGATIVE_INFINITY;
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

/** The mean power of each step's weighted sound; what is left at the end counts only where there is no whole block. */
function stepPowers(samples: Float32Array, sampleRate: number): number[] {
  const step = Math.round(sampleRate / stepsASecond);
  const isShort = samples.length < step * stepsABlock;
  const length = isShort ? samples.length : step;
  if (length === 0) return [];
  const weight = kWeighting(sampleRate);
  const powers: number[] = [];
  for (let start = 0; start + length <= samples.length; start += length) {
    powers.push(weight(samples, start, start + length) / length);
  }
  return powers;
}

function blockPowers(steps: readonly number[]): number[] {
  if (steps.length < stepsABlock) return [...steps];
  return steps.slice(stepsABlock - 1).map((_, index) => meanOf(steps.slice(index, index + stepsABlock)));
}

/** The energy of the weighted samples from `start` to `end`; a stream, to be asked in order. */
function kWeighting(sampleRate: number): (samples: Float32Array, start: number, end: number) => number {
  const { b0, b1, b2, a1, a2 } = shelfAt(sampleRate);
  const { b0: c0, b1: c1, b2: c2, a1: d1, a2: d2 } = highPassAt(sampleRate);
  // Transposed direct form II, both filters in a row.
  let s1 = 0;
  let s2 = 0;
  let t1 = 0;
  let t2 = 0;
  return (samples, start, end) => {
    let energy = 0;
    for (let index = start; index < end; index += 1) {
      const x = samples[index] ?? 0;
      const shelved = b0 * x + s1;
      s1 = b1 * x - a1 * shelved + s2;
      s2 = b2 * x - a2 * shelved;
      const y = c0 * shelved + t1;
      t1 = c1 * shelved - d1 * y + t2;
      t2 = c2 * shelved - d2 * y;
      energy += y * y;
    }
    return energy;
  };
}

/** Stage 1: a high shelf, for the head before the microphone. */
function shelfAt(sampleRate: number): Biquad {
  const k = Math.tan((Math.PI * shelf.frequencyHz) / sampleRate);
  const high = 10 ** (shelf.gainDb / 20);
  const band = high ** shelf.exponent;
  const a0 = 1 + k / shelf.q + k * k;
  return {
    b0: (high + (band * k) / shelf.q + k * k) / a0,
    b1: (2 * (k * k - high)) / a0,
    b2: (high - (band * k) / shelf.q + k * k) / a0,
    a1: (2 * (k * k - 1)) / a0,
    a2: (1 - k / shelf.q + k * k) / a0,
  };
}

/** Stage 2: a high pass. The standard leaves its gain above 1 by what the 48 kHz denominator makes of it; the same here at every rate. */
function highPassAt(sampleRate: number): Biquad {
  const denominator = (rate: number): number => {
    const k = Math.tan((Math.PI * highPass.frequencyHz) / rate);
    return 1 + k / highPass.q + k * k;
  };
  const k = Math.tan((Math.PI * highPass.frequencyHz) / sampleRate);
  const a0 = denominator(sampleRate);
  const gain = denominator(standardRate) / a0;
  return { b0: gain, b1: -2 * gain, b2: gain, a1: (2 * (k * k - 1)) / a0, a2: (1 - k / highPass.q + k * k) / a0 };
}
