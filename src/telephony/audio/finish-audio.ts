import { AudioError, silenceDb } from './audio-error.ts';
import { limit } from './limiter.ts';
import { integratedLoudness } from './loudness.ts';
import type { MonoAudio } from './mono-sink.ts';
import { findSound } from './trim-silence.ts';
import { waveformOf } from './waveform.ts';

/** What is done to a sound before it becomes a prompt. */
export type Finish = {
  /** Bring it to {@link targetLufs}. */
  readonly normalizeLoudness: boolean;
  /** Cut the silence at both ends. */
  readonly trimSilence: boolean;
};

/** A sound as it is played, and what is known of it. */
export type FinishedAudio = {
  /** Mono, signed 16 bit. */
  readonly pcm: Int16Array<ArrayBuffer>;
  readonly sampleRate: number;
  readonly durationMs: number;
  /** LUFS, as it came and as it is now; null: too quiet for the measure. */
  readonly loudnessBefore: number | null;
  readonly loudnessAfter: number | null;
  /** What was cut off at either end. */
  readonly trimmedMs: { readonly start: number; readonly end: number };
  /** See `waveformOf`. */
  readonly waveform: Int8Array<ArrayBuffer>;
};

/** As loud as people expect a voice on the telephone to be, with room for its peaks. */
export const targetLufs = -19;
/** -1 dB of full scale, also between samples: what a codec's filters add still fits. */
const ceiling = 10 ** (-1 / 20);
/** Decibels. What is that quiet is noise for the most part, and would only become loud noise. */
const mostGainDb = 30;
/** A limiter that works hard makes the sound quieter again; within half a decibel nobody hears it. */
const toleranceDb = 0.5;
const mostTries = 3;

/** Trims, levels and rounds a sound. Throws an AudioError when there is nothing to be heard. CPU-bound: 0.2 s for a minute. */
export function finishAudio({ samples, sampleRate }: MonoAudio, finish: Finish): FinishedAudio {
  if (samples.length === 0) throw new AudioError('no-samples', 'the file contains no sound');
  if (swingOf(samples) < 10 ** (silenceDb / 20)) {
    throw new AudioError('silent', `nothing is to be heard in it: no peak above ${silenceDb} dB of full scale`);
  }
  const bounds = finish.trimSilence ? findSound(samples, sampleRate) : { start: 0, end: samples.length };
  const sound = samples.subarray(bounds.start, bounds.end);
  const before = integratedLoudness(sound, sampleRate);
  const levelled = finish.normalizeLoudness && Number.isFinite(before) ? level(sound, sampleRate, before) : sound;
  const pcm = rounded(levelled);
  const msOf = (count: number): number => Math.round((count * 1000) / sampleRate);
  return {
    ...{ pcm, sampleRate, durationMs: msOf(pcm.length), waveform: waveformOf(pcm) },
    loudnessBefore: measured(before),
    loudnessAfter: measured(levelled === sound ? before : integratedLoudness(levelled, sampleRate)),
    trimmedMs: { start: msOf(bounds.start), end: msOf(samples.length - bounds.end) },
  };
}

/** Half the way from the lowest to the highest sample: the peak, a steady offset left out. */
function swingOf(samples: Float32Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    if (sample < low) low = sample;
    if (sample > high) high = sample;
  }
  return (high - low) / 2;
}

/** `sound` at the target loudness, which is turned up further where the limiter took too much away. */
function level(sound: Float32Array, sampleRate: number, lufs: number): Float32Array<ArrayBuffer> {
  let gainDb = Math.min(mostGainDb, targetLufs - lufs);
  let levelled = limit(sound, { sampleRate, gain: 10 ** (gainDb / 20), ceiling });
  for (let tries = 1; tries < mostTries && gainDb < mostGainDb; tries += 1) {
    const missingDb = targetLufs - integratedLoudness(levelled, sampleRate);
    if (missingDb <= toleranceDb) break;
    gainDb = Math.min(mostGainDb, gainDb + missingDb);
    levelled = limit(sound, { sampleRate, gain: 10 ** (gainDb / 20), ceiling });
  }
  return levelled;
}

function measured(lufs: number): number | null {
  return Number.isFinite(lufs) ? Math.round(lufs * 10) / 10 : null;
}

function rounded(samples: Float32Array): Int16Array<ArrayBuffer> {
  const pcm = new Int16Array(samples.length);
  for (let index = 0; index < samples.length; index += 1) {
    const scaled = Math.round((samples[index] ?? 0) * 32_767);
    pcm[index] = Math.max(-32_768, Math.min(32_767, scaled));
  }
  return pcm;
}
