import { pauseOf, type SpeechTiming } from './speech-timing.ts';

/** What the judgement rests on, as numbers of about the same size; the order is that of the coefficients. */
export const featureNames = [
  'one',
  'initialSilence',
  'isRestarted',
  'greeting',
  'greetingLog',
  'run',
  'runLog',
  'runStart',
  'runs',
  'words',
  'longestPause',
  'voiced',
  'voicedLog',
  'pause',
] as const;

/** One number for each of {@link featureNames}; times in seconds, and bounded: what is far beyond the usual says no more than the usual. Somebody has spoken. */
export function featuresOf(timing: SpeechTiming): number[] {
  const { lastMs, runMs, words, longestPauseMs, voicedMs, runs, restarts } = timing;
  const firstMs = timing.firstMs ?? lastMs;
  return [
    1,
    restarts > 0 ? 0 : seconds(firstMs, 4),
    Math.min(1, restarts),
    seconds(lastMs - firstMs, 10),
    logarithm(lastMs - firstMs),
    seconds(lastMs - runMs, 8),
    logarithm(lastMs - runMs),
    seconds(runMs - firstMs, 8),
    Math.min(4, runs),
    Math.log2(1 + words),
    seconds(longestPauseMs, 3),
    seconds(voicedMs, 8),
    logarithm(voicedMs),
    seconds(pauseOf(timing), 3),
  ];
}

function seconds(ms: number, most: number): number {
  return Math.min(most, ms / 1000);
}

/** Of a time, so that a second more counts the less the longer it took: 0 at 0, 1 at half a second. */
function logarithm(ms: number): number {
  return Math.log2(1 + ms / 500);
}
