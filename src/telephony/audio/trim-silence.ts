/** Levels are those of frames of this length. */
const framesASecond = 100;
/** So much stays before and after the sound. Milliseconds. */
const keptMs = 50;

/** Decibels below the loud parts (the 95th percentile of the levels): nothing that far down is speech, everything this near is. */
const belowLoud = { most: 45, least: 35 };
/** Decibels above the quietest parts (the 5th percentile), the noise of the recording. */
const aboveNoise = 6;

/** Where the sound begins and ends, in samples. */
export type SoundBounds = { readonly start: number; readonly end: number };

/**
 * Finds the sound between the silence at both ends. The threshold is relative: a little above the noise of the recording, but never nearer than 35 dB to its loud parts,
 * so that breath and soft consonants are kept, and 50 ms more. All of it where nothing stands out.
 */
export function findSound(samples: Float32Array, sampleRate: number): SoundBounds {
  const size = Math.round(sampleRate / framesASecond);
  const levels = frameLevels(samples, size);
  const threshold = thresholdOf(levels);
  const first = levels.findIndex((level) => level >= threshold);
  if (first === -1) return { start: 0, end: samples.length };
  const last = levels.findLastIndex((level) => level >= threshold);
  const kept = Math.round((keptMs * sampleRate) / 1000);
  return { start: Math.max(0, first * size - kept), end: Math.min(samples.length, (last + 1) * size + kept) };
}

/** Decibels of full scale, a steady offset left out; the last frame may be shorter. */
function frameLevels(samples: Float32Array, size: number): Float32Array {
  return Float32Array.from({ length: Math.ceil(samples.length / size) }, (_, frame) => {
    const part = samples.subarray(frame * size, (frame + 1) * size);
    let sum = 0;
    let energy = 0;
    for (const sample of part) {
      sum += sample;
      energy += sample * sample;
    }
    const mean = sum / part.length;
    return 10 * Math.log10(Math.max(1e-12, energy / part.length - mean * mean));
  });
}

function thresholdOf(levels: Float32Array): number {
  const sorted = levels.toSorted();
  const percentile = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const loud = percentile(0.95);
  return Math.max(loud - belowLoud.most, Math.min(percentile(0.05) + aboveNoise, loud - belowLoud.least));
}
