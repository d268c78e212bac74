import { tonesOf } from './dtmf-frequencies.ts';

export type DtmfShape = {
  readonly durationMs: number;
  /** Levels of the two tones, dBm0; 0 dBm0 is 3.14 dB below full scale. */
  readonly lowDbm0: number;
  readonly highDbm0: number;
  /** By what the frequencies are off, as shares of them; default 0. */
  readonly lowDeviation?: number;
  readonly highDeviation?: number;
};

/** What is sent: 100 ms, the high tone 2 dB above the low one because lines weaken it more (ITU-T Q.23 has -9 and -7). */
export const sentDtmf: DtmfShape = { durationMs: 100, lowDbm0: -9, highDbm0: -7 };

/** Edges rise and fall in so long, or they click. */
const edgeMs = 2;

/** The two tones of a key `0-9 * # A-D`, mono 16 bit; samples that are too loud are clipped. */
export function generateDtmf(key: string, shape: DtmfShape, sampleRate: number): Int16Array<ArrayBuffer> {
  const tones = tonesOf(key);
  const pcm = new Int16Array(Math.round((shape.durationMs * sampleRate) / 1000));
  if (tones === null) return pcm;
  const lowStep = (2 * Math.PI * tones.lowHz * (1 + (shape.lowDeviation ?? 0))) / sampleRate;
  const highStep = (2 * Math.PI * tones.highHz * (1 + (shape.highDeviation ?? 0))) / sampleRate;
  const low = amplitudeOf(shape.lowDbm0);
  const high = amplitudeOf(shape.highDbm0);
  const edge = Math.max(1, (edgeMs * sampleRate) / 1000);
  for (let index = 0; index < pcm.length; index += 1) {
    const gain = Math.min(1, (index + 1) / edge, (pcm.length - index) / edge);
    const value = gain * (low * Math.sin(lowStep * index) + high * Math.sin(highStep * index));
    pcm[index] = Math.max(-32_768, Math.min(32_767, Math.round(value)));
  }
  return pcm;
}

/** Of a sine of that level; full scale is 32768. */
function amplitudeOf(levelDbm0: number): number {
  return 32_768 * 10 ** ((levelDbm0 - 3.14) / 20);
}
