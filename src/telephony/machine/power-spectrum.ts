/** Samples in one window: 32 ms at 8 kHz. */
export const windowSamples = 256;

const bins = windowSamples / 2;

/**
 * The power spectrum of 256 real samples under a Hann window, by a radix-2 transform of its own buffers. Made once and used for many: about 5 us each.
 * Bin `k` stands for `k * sampleRate / 256`; a pure tone spreads over its bin and the two on either side.
 */
export class PowerSpectrum {
  /** Power of bins 0 to 127, of the latest window. Filled anew by {@link of}. */
  readonly power = new Float64Array(bins);
  readonly #real = new Float64Array(windowSamples);
  readonly #imaginary = new Float64Array(windowSamples);
  readonly #window = Float64Array.from({ length: windowSamples }, (_, index) => hann(index));
  readonly #cosines = Float64Array.from({ length: bins }, (_, index) =>
    Math.cos((2 * Math.PI * index) / windowSamples),
  );
  readonly #sines = Float64Array.from({ length: bins }, (_, index) => -Math.sin((2 * Math.PI * index) / windowSamples));
  readonly #reversed = Uint8Array.from({ length: windowSamples }, (_, index) => reverseBits(index));

  /** Transforms `samples`, of which there are 256. Returns {@link power}. */
  of(samples: Float64Array): Float64Array {
    for (let index = 0; index < windowSamples; index += 1) {
      const from = this.#reversed[index] ?? 0;
      this.#real[index] = (samples[from] ?? 0) * (this.#window[from] ?? 0);
      this.#imaginary[index] = 0;
    }
    for (let size = 2; size <= windowSamples; size *= 2) this.#combine(size);
    for (let bin = 0; bin < bins; bin += 1) {
      this.power[bin] = (this.#real[bin] ?? 0) ** 2 + (this.#imaginary[bin] ?? 0) ** 2;
    }
    return this.power;
  }

  #combine(size: number): void {
    const half = size / 2;
    const stride = windowSamples / size;
    for (let start = 0; start < windowSamples; start += size) {
      for (let index = 0; index < half; index += 1) this.#butterfly(start + index, half, index * stride);
    }
  }

  #butterfly(even: number, half: number, turn: number): void {
    const real = this.#real;
    const imaginary = this.#imaginary;
    const odd = even + half;
    const cosine = this.#cosines[turn] ?? 0;
    const sine = this.#sines[turn] ?? 0;
    const oddReal = real[odd] ?? 0;
    const oddImaginary = imaginary[odd] ?? 0;
    const turnedReal = oddReal * cosine - oddImaginary * sine;
    const turnedImaginary = oddReal * sine + oddImaginary * cosine;
    real[odd] = (real[even] ?? 0) - turnedReal;
    imaginary[odd] = (imaginary[even] ?? 0) - turnedImaginary;
    real[even] = (real[even] ?? 0) + turnedReal;
    imaginary[even] = (imaginary[even] ?? 0) + turnedImaginary;
  }
}

function hann(index: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / windowSamples);
}

function reverseBits(index: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit += 1) if ((index & (1 << bit)) !== 0) reversed |= 1 << (7 - bit);
  return reversed;
}
