import { goertzelPower, meanPower } from './goertzel.ts';

/** A stretch of a tone sequence. `frequencyHz` null: silence. `level` is the amplitude, 1 = full scale; default 0.5. */
export type Tone = {
  readonly frequencyHz: number | null;
  readonly durationMs: number;
  readonly level?: number;
};

/** Renders tones one after another, mono 16 bit. Each tone begins at phase 0 with a 2 ms ramp at both ends, so that it does not click. */
export function generateTones(tones: readonly Tone[], sampleRate: number): Int16Array<ArrayBuffer> {
  const lengths = tones.map((tone) => Math.round((tone.durationMs * sampleRate) / 1000));
  const pcm = new Int16Array(lengths.reduce((sum, length) => sum + length, 0));
  let offset = 0;
  for (const [index, tone] of tones.entries()) {
    const length = lengths[index] ?? 0;
    if (tone.frequencyHz !== null) renderTone(pcm.subarray(offset, offset + length), tone, sampleRate);
    offset += length;
  }
  return pcm;
}

function renderTone(out: Int16Array, tone: Tone, sampleRate: number): void {
  const amplitude = (tone.level ?? 0.5) * 32767;
  const step = (2 * Math.PI * (tone.frequencyHz ?? 0)) / sampleRate;
  const ramp = Math.max(1, Math.round(sampleRate * 0.002));
  for (let index = 0; index < out.length; index += 1) {
    const gain = Math.min(1, index / ramp, (out.length - 1 - index) / ramp);
    out[index] = Math.round(amplitude * gain * Math.sin(step * index));
  }
}

/** A tone that was found: where it begins and how long it lasts, to the precision of one window. */
export type FoundTone = { readonly frequencyHz: number; readonly startMs: number; readonly durationMs: number };

export type ToneSearch = {
  readonly sampleRate: number;
  /** The frequencies to look for. */
  readonly frequenciesHz: readonly number[];
  /** Default 40. Frequencies nearer to each other than 2000 / windowMs Hz are not told apart. */
  readonly windowMs?: number;
  /** Least power (see {@link goertzelPower}) of a tone; default 0.001, an amplitude of 3 %. */
  readonly leastPower?: number;
};

/**
 * The sequence of known tones in `pcm`: window by window, the one frequency that holds at least 80 % of the window's power. Windows with
 * the same frequency are joined; windows without one (silence, speech, the edge between two tones) separate.
 */
export function findTones(pcm: Int16Array, search: ToneSearch): FoundTone[] {
  const windowMs = search.windowMs ?? 40;
  const size = Math.round((search.sampleRate * windowMs) / 1000);
  const found: FoundTone[] = [];
  let isOpen = false;
  for (let start = 0; start + size <= pcm.length; start += size) {
    const frequencyHz = dominantTone(pcm.subarray(start, start + size), search);
    const last = found.at(-1);
    if (frequencyHz === null) {
      isOpen = false;
    } else if (isOpen && last?.frequencyHz === frequencyHz) {
      found[found.length - 1] = { ...last, durationMs: last.durationMs + windowMs };
    } else {
      found.push({ frequencyHz, startMs: (start * 1000) / search.sampleRate, durationMs: windowMs });
      isOpen = true;
    }
  }
  return found;
}

function dominantTone(window: Int16Array, search: ToneSearch): number | null {
  const total = meanPower(window);
  if (total < (search.leastPower ?? 0.001)) return null;
  for (const frequencyHz of search.frequenciesHz) {
    if (goertzelPower(window, search.sampleRate, frequencyHz) >= 0.8 * total) return frequencyHz;
  }
  return null;
}
