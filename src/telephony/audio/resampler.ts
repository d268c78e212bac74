import libsamplerate from '@alexanderolsen/libsamplerate-js';

/** Input samples per call into the WASM module, whose transfer buffers are of fixed size. */
const chunkSamples = 16_000;
/** Fed after the end, so that the filter gives out what it still holds: its half length is 46 samples at the lower of both rates. */
const flushSamples = 8_192;

type Converter = Awaited<ReturnType<typeof libsamplerate.create>>;

/**
 * Converts a mono stream from one sample rate to another, piece by piece, with libsamplerate's medium sinc filter (121 dB signal to noise, 90 % bandwidth).
 * All that comes out together is `round(taken * to / from)` samples, aligned with the input (no filter delay). Rates between 1/256 and 256 of
 * each other. `close` frees the filter's memory.
 */
export class Resampler {
  readonly #converter: Converter | null;
  readonly #ratio: number;
  #taken = 0;
  #given = 0;

  private constructor(converter: Converter | null, ratio: number) {
    this.#converter = converter;
    this.#ratio = ratio;
  }

  static async create(from: number, to: number): Promise<Resampler> {
    if (from === to) return new Resampler(null, 1);
    const converterType = libsamplerate.ConverterType.SRC_SINC_MEDIUM_QUALITY;
    return new Resampler(await libsamplerate.create(1, from, to, { converterType }), to / from);
  }

  /** Takes the next samples; gives what is ready to `give`, whose argument is good until it returns. */
  push(samples: Float32Array, give: (samples: Float32Array) => void): void {
    this.#taken += samples.length;
    this.#convert(samples, give);
  }

  /** Gives what the filter still holds. */
  finish(give: (samples: Float32Array) => void): void {
    if (this.#converter === null) return;
    const silence = new Float32Array(Math.min(chunkSamples, flushSamples));
    const total = Math.round(this.#taken * this.#ratio);
    // A low rate in needs few zeros, a high one many; bounded, should the converter give less than it owes.
    for (let round = 0; round < 8 && this.#given < total; round += 1) this.#convert(silence, give);
  }

  close(): void {
    this.#converter?.destroy();
  }

  #convert(samples: Float32Array, give: (samples: Float32Array) => void): void {
    if (this.#converter === null) {
      give(samples);
      return;
    }
    const total = Math.round(this.#taken * this.#ratio);
    for (let start = 0; start < samples.length; start += chunkSamples) {
      const converted = this.#converter.full(samples.subarray(start, start + chunkSamples));
      const wanted = converted.subarray(0, Math.max(0, total - this.#given));
      this.#given += wanted.length;
      if (wanted.length > 0) give(wanted);
    }
  }
}
