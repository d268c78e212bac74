/** Peaks are seen so long before they come: the gain is down in time, and gently. Seconds. */
const lookaheadS = 0.005;
/** How fast the gain comes back: to 63 % in this time. Seconds. */
const releaseS = 0.08;

/** Between two samples the wave may rise above both; it is looked at three times in between, where they are at least this part of the ceiling. */
const between = [0.25, 0.5, 0.75];
const nearCeiling = 0.5;
/** Samples on each side that the wave between two is computed from. */
const reach = 6;

export type LimiterSettings = {
  readonly sampleRate: number;
  /** What the samples are multiplied with first. */
  readonly gain: number;
  /** What no peak exceeds, also between samples to within a tenth of a decibel; full scale is 1. */
  readonly ceiling: number;
};

/** `samples` times `gain`, turned down around each peak that would exceed `ceiling`; a new array of the same length. */
export function limit(samples: Float32Array, settings: LimiterSettings): Float32Array<ArrayBuffer> {
  const { gain, ceiling, sampleRate } = settings;
  const out = new Float32Array(samples.length);
  const needed = neededGains(samples, gain, ceiling);
  if (needed === null) {
    for (let index = 0; index < out.length; index += 1) out[index] = (samples[index] ?? 0) * gain;
    return out;
  }
  const lookahead = Math.max(1, Math.round(lookaheadS * sampleRate));
  const recovery = 1 - Math.exp(-1 / (releaseS * sampleRate));
  lowestAhead(needed, lookahead);
  // The mean over the look-ahead of gains that hold for all of it holds too, and changes gently.
  let current = needed[0] ?? 1;
  let sum = current * lookahead;
  const recent = new Float64Array(lookahead).fill(current);
  for (let index = 0; index < out.length; index += 1) {
    current = Math.min(needed[index] ?? 1, current + (1 - current) * recovery);
    sum += current - (recent[index % lookahead] ?? 0);
    recent[index % lookahead] = current;
    out[index] = (samples[index] ?? 0) * gain * (sum / lookahead);
  }
  return out;
}

/** The gain, at most 1, that each sample needs; null: none needs any. */
function neededGains(samples: Float32Array, gain: number, ceiling: number): Float32Array | null {
  const needed = new Float32Array(samples.length).fill(1);
  const kernels = between.map(interpolationKernel);
  let isNeeded = false;
  for (let index = 0; index < samples.length; index += 1) {
    const peak = gain * peakAfter(samples, index, kernels, (nearCeiling * ceiling) / gain);
    if (peak <= ceiling) continue;
    isNeeded = true;
    needed[index] = ceiling / peak;
  }
  return isNeeded ? needed : null;
}

/** The largest magnitude from a sample to the next one. */
function peakAfter(
  samples: Float32Array,
  index: number,
  kernels: readonly Float64Array[],
  worthLooking: number,
): number {
  const here = Math.abs(samples[index] ?? 0);
  let peak = here;
  if (Math.max(here, Math.abs(samples[index + 1] ?? 0)) < worthLooking) return peak;
  for (const kernel of kernels) {
    let value = 0;
    for (let tap = 0; tap < kernel.length; tap += 1) {
      value += (kernel[tap] ?? 0) * (samples[index + tap + 1 - reach] ?? 0);
    }
    peak = Math.max(peak, Math.abs(value));
  }
  return peak;
}

/** A sinc in a Hann window: the weights of the samples around for the wave at `fraction` of the way to the next one. */
function interpolationKernel(fraction: number): Float64Array {
  return Float64Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = tap + 1 - reach - fraction;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (reach + 1));
    return (window * Math.sin(Math.PI * distance)) / (Math.PI * distance);
  });
}

/** Replaces each gain by the lowest of it and of those up to `lookahead` samples later, in place. */
function lowestAhead(gains: Float32Array, lookahead: number): void {
  // Backwards, with the candidates in a ring: indexes of ever higher gains, the lowest one last in time first.
  const ring = new Int32Array(lookahead + 1);
  let head = 0;
  let count = 0;
  const at = (position: number): number => ring[(head + position) % ring.length] ?? 0;
  const original = (index: number): number => gains[index] ?? 1;
  const values = new Float32Array(ring.length);
  for (let index = gains.length - 1; index >= 0; index -= 1) {
    const gain = original(index);
    if (count > 0 && at(0) > index + lookahead) {
      head = (head + 1) % ring.length;
      count -= 1;
    }
    while (count > 0 && (values[(head + count - 1) % ring.length] ?? 0) >= gain) count -= 1;
    ring[(head + count) % ring.length] = index;
    values[(head + count) % ring.length] = gain;
    count += 1;
    gains[index] = values[head] ?? 1;
  }
}
