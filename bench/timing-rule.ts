import type { Verdict } from '../test/support/machine-set/measure-half.ts';

/**
 * Asterisk's AMD application with the values of its sample configuration, as a peer: silence is a frame of 20 ms whose mean amplitude is below 256, and the rules are those of
 * `apps/app_amd.c`, in its order. `NOTSURE` counts as a person.
 */
const rules = {
  initialSilenceMs: 2500,
  greetingMs: 1500,
  afterGreetingSilenceMs: 800,
  totalAnalysisMs: 5000,
  minWordMs: 100,
  betweenWordsMs: 50,
  maxWords: 3,
  maxWordMs: 5000,
  silenceAmplitude: 256,
};

const frameSamples = 160;
const frameMs = 20;

type Progress = {
  silenceMs: number;
  wordMs: number;
  voiceMs: number;
  words: number;
  isInWord: boolean;
  isInInitialSilence: boolean;
  isInGreeting: boolean;
};

export function judgeByTimingRule(pcm: Int16Array): Verdict {
  const progress: Progress = {
    silenceMs: 0,
    wordMs: 0,
    voiceMs: 0,
    words: 0,
    isInWord: true,
    isInInitialSilence: true,
    isInGreeting: false,
  };
  for (let from = 0, nowMs = frameMs; from + frameSamples <= pcm.length; from += frameSamples, nowMs += frameMs) {
    if (nowMs >= rules.totalAnalysisMs) return { isMachine: false, afterMs: nowMs };
    const isSilent = meanAmplitude(pcm, from) < rules.silenceAmplitude;
    const isMachine = isSilent ? onSilence(progress) : onVoice(progress);
    if (isMachine !== null) return { isMachine, afterMs: nowMs };
  }
  return { isMachine: false, afterMs: null };
}

function onSilence(progress: Progress): boolean | null {
  progress.silenceMs += frameMs;
  if (progress.silenceMs >= rules.betweenWordsMs) {
    progress.isInWord = false;
    progress.wordMs = 0;
  }
  if (progress.isInInitialSilence && progress.silenceMs >= rules.initialSilenceMs) return true;
  return progress.isInGreeting && progress.silenceMs >= rules.afterGreetingSilenceMs ? false : null;
}

function onVoice(progress: Progress): boolean | null {
  progress.silenceMs = 0;
  progress.wordMs += frameMs;
  progress.voiceMs += frameMs;
  if (progress.wordMs >= rules.minWordMs && !progress.isInWord) {
    progress.words += 1;
    progress.isInWord = true;
  }
  if (progress.wordMs >= rules.maxWordMs || progress.words > rules.maxWords) return true;
  if (progress.isInGreeting && progress.voiceMs >= rules.greetingMs) return true;
  if (progress.voiceMs >= rules.minWordMs) {
    progress.isInInitialSilence = false;
    progress.isInGreeting = true;
  }
  return null;
}

function meanAmplitude(pcm: Int16Array, from: number): number {
  let sum = 0;
  for (let index = from; index < from + frameSamples; index += 1) sum += Math.abs(pcm[index] ?? 0);
  return sum / frameSamples;
}
