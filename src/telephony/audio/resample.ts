import libsamplerate from '@alexanderolsen/libsamplerate-js';

/** Input samples per call into the WASM module, whose transfer buffers are of fixed size. */
const chunkSamples = 16_000;
/** Fed after the end, so that the filter gives out what it still holds: its half length is 46 samples at the lower of both rates. */
const flushSamples = 8_192;

/**
 * Converts mono 16-bit PCM to another sample rate with libsamplerate's medium sinc filter (121 dB signal to noise, 90 % bandwidth).
 * The result holds `round(length * to / from)` samples and is aligned with the input (no filter delay). The same rate gives a copy.
 * Rates between 1/256 and 256 of each other. CPU-bound, about 0.5 s for a minute of
 * audio at 16 kHz: not for a thread that has other duties.
 */
export async function resample(pcm: Int16Array, from: number, to: number): Promise<Int16Array<ArrayBuffer>> {
  if (from === to) return new Int16Array(pcm);
  const out = new Int16Array(Math.round((pcm.length * to) / from));
  const converter = await libsamplerate.create(1, from, to, {
    converterType: libsamplerate.ConverterType.SRC_SINC_MEDIUM_QUALITY,
  });
  try {
    let written = 0;
    for (let start = 0; written < out.length && start < pcm.length + flushSamples; start += chunkSamples) {
      const produced = converter.full(toFloat(pcm, start, Math.min(chunkSamples, pcm.length + flushSamples - start)));
      written += writeRounded(produced, out.subarray(written));
    }
  } finally {
    converter.destroy();
  }
  return out;
}

/** Samples `start` to `start + length` as floats; zero past the end. */
function toFloat(pcm: Int16Array, start: number, length: number): Float32Array {
  const floats = new Float32Array(length);
  const end = Math.min(length, pcm.length - start);
  for (let index = 0; index < end; index += 1) floats[index] = (pcm[start + index] ?? 0) / 32768;
  return floats;
}

function writeRounded(floats: Float32Array, out: Int16Array): number {
  const count = Math.min(floats.length, out.length);
  for (let index = 0; index < count; index += 1) {
    const scaled = Math.round((floats[index] ?? 0) * 32768);
    out[index] = Math.max(-32768, Math.min(32767, scaled));
  }
  return count;
}
