/** Least squares: how much of a stretch of sound is the tones that should be in it, and how much is anything else. */
export type TonesFound = {
  /** Amplitude of each tone that was asked for, in sample values. */
  readonly amplitudes: readonly number[];
  /** Power of all of them over the power of the rest, dB: noise, distortion, other tones, and the tones themselves where their frequency is not quite that. */
  readonly purityDb: number;
  /** Mean power of the rest, as a share of full scale, dB. */
  readonly restDb: number;
};

const fullScale = 32_768;

/** Fits sines of these frequencies, and a constant, to the samples. Without frequencies everything is rest. */
export function findTonesIn(pcm: Int16Array, sampleRate: number, frequencies: readonly number[]): TonesFound {
  const basis: Float64Array[] = [new Float64Array(pcm.length).fill(1)];
  for (const hz of frequencies) basis.push(...waves((2 * Math.PI * hz) / sampleRate, pcm.length));
  const weights = leastSquares(basis, Float64Array.from(pcm));
  let fitted = 0;
  let rest = 0;
  for (let i = 0; i < pcm.length; i += 1) {
    let tones = 0;
    for (let k = 1; k < basis.length; k += 1) tones += (weights[k] ?? 0) * (basis[k]?.[i] ?? 0);
    fitted += tones ** 2;
    rest += ((pcm[i] ?? 0) - tones - (weights[0] ?? 0)) ** 2;
  }
  return {
    amplitudes: frequencies.map((_, k) => Math.hypot(weights[1 + 2 * k] ?? 0, weights[2 + 2 * k] ?? 0)),
    purityDb: decibels(fitted / Math.max(rest, 1e-9)),
    restDb: decibels(Math.max(rest, 1e-9) / pcm.length / fullScale ** 2),
  };
}

/** The frequency between `fromHz` and `toHz` that holds most of the power, to the step; for sounds that move. */
export function strongestHz(
  pcm: Int16Array,
  sampleRate: number,
  { fromHz, toHz, stepHz }: { readonly fromHz: number; readonly toHz: number; readonly stepHz: number },
): number {
  const windowed = Float64Array.from(pcm, (x, i) => x * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (pcm.length - 1))));
  let best = { hz: fromHz, power: -1 };
  for (let hz = fromHz; hz <= toHz; hz += stepHz) {
    const [cosine, sine] = waves((2 * Math.PI * hz) / sampleRate, pcm.length);
    const power = dot(windowed, cosine) ** 2 + dot(windowed, sine) ** 2;
    if (power > best.power) best = { hz, power };
  }
  return best.hz;
}

/** A cosine and a sine, by turning a pointer: trigonometry for each sample would take most of the time. */
function waves(step: number, length: number): [cosine: Float64Array, sine: Float64Array] {
  const cosine = new Float64Array(length);
  const sine = new Float64Array(length);
  const [turnRe, turnIm] = [Math.cos(step), Math.sin(step)];
  let re = 1;
  let im = 0;
  for (let i = 0; i < length; i += 1) {
    cosine[i] = re;
    sine[i] = im;
    [re, im] = [re * turnRe - im * turnIm, re * turnIm + im * turnRe];
  }
  return [cosine, sine];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Power to decibels. */
export function decibels(power: number): number {
  return 10 * Math.log10(power);
}

/** Solves the normal equations by Gauss's elimination with pivots. */
function leastSquares(basis: readonly Float64Array[], target: Float64Array): number[] {
  const rows = basis.map((each) => [...basis.map((other) => dot(each, other)), dot(each, target)]);
  const size = basis.length;
  for (let column = 0; column < size; column += 1) {
    const pivot = rows.reduce(
      (best, row, at) => (at >= column && Math.abs(row[column] ?? 0) > Math.abs(rows[best]?.[column] ?? 0) ? at : best),
      column,
    );
    const [upper = [], current = []] = [rows[pivot], rows[column]];
    rows[pivot] = current;
    rows[column] = upper;
    for (const [at, row] of rows.entries()) {
      if (at === column) continue;
      const factor = (row[column] ?? 0) / (upper[column] ?? 1);
      for (let k = column; k <= size; k += 1) row[k] = (row[k] ?? 0) - factor * (upper[k] ?? 0);
    }
  }
  return rows.map((row, at) => (row[size] ?? 0) / (row[at] ?? 1));
}
