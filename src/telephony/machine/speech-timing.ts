import { frameMs } from './frame-analyzer.ts';

/**
 * When was spoken since the answer: pure, from one flag a frame. A *word* is a stretch of speech with pauses of less than 100 ms inside, 60 ms long at least;
 * shorter ones are clicks. A *run* is what is spoken without a pause of {@link runBreakMs}.
 */
export type SpeechTiming = {
  /** Since the answer. */
  readonly nowMs: number;
  /** When the first word began; null: nobody has spoken. */
  readonly firstMs: number | null;
  /** When the latest word ended, or was last heard. */
  readonly lastMs: number;
  /** How often somebody began anew after a pause of {@link greetingBreakMs}; all that follows is of the latest time only. */
  readonly restarts: number;
  /** When the running, or latest, run began. */
  readonly runMs: number;
  readonly runs: number;
  readonly words: number;
  /** Speech alone, without the pauses. */
  readonly voicedMs: number;
  /** The longest pause between two words. */
  readonly longestPauseMs: number;
  /** The stretch that may become a word. */
  readonly stretch: Stretch | null;
};

/** A stretch of frames with speech; `isWord`: it has been long enough. */
type Stretch = {
  readonly startMs: number;
  readonly endMs: number;
  readonly voicedMs: number;
  readonly isWord: boolean;
};

/** A pause that ends a run: who says no more for so long has, most likely, said what there was to say. */
export const runBreakMs = 600;
/** A pause after which what is said belongs to no greeting: it answers something, or asks again. */
export const greetingBreakMs = 1600;
/** What was shorter than this before such a pause was no greeting, but a receiver being picked up. */
const leastGreetingMs = 160;
const wordGapMs = 100;
const leastWordMs = 60;

export const initialTiming: SpeechTiming = {
  nowMs: 0,
  firstMs: null,
  lastMs: 0,
  restarts: 0,
  runMs: 0,
  runs: 0,
  words: 0,
  voicedMs: 0,
  longestPauseMs: 0,
  stretch: null,
};

/** How long nobody has spoken, since the latest word. */
export function pauseOf({ nowMs, lastMs }: SpeechTiming): number {
  return nowMs - lastMs;
}

export function stepTiming(before: SpeechTiming, isSpeech: boolean): SpeechTiming {
  const nowMs = before.nowMs + frameMs;
  const { stretch } = before;
  if (!isSpeech) {
    const isOver = stretch !== null && nowMs - stretch.endMs >= wordGapMs;
    return { ...before, nowMs, stretch: isOver ? null : stretch };
  }
  const startMs = nowMs - frameMs;
  const grown: Stretch =
    stretch === null
      ? { startMs, endMs: nowMs, voicedMs: frameMs, isWord: false }
      : { ...stretch, endMs: nowMs, voicedMs: stretch.voicedMs + frameMs };
  if (grown.isWord) {
    return { ...before, nowMs, lastMs: nowMs, voicedMs: before.voicedMs + frameMs, stretch: grown };
  }
  if (grown.voicedMs < leastWordMs) return { ...before, nowMs, stretch: grown };
  return withWord({ ...before, nowMs, stretch: { ...grown, isWord: true } }, grown);
}

function withWord(timing: SpeechTiming, { startMs, endMs, voicedMs }: Stretch): SpeechTiming {
  const first = { ...timing, firstMs: startMs, runMs: startMs, lastMs: endMs, runs: 1, words: 1, voicedMs };
  if (timing.firstMs === null) return first;
  const pauseMs = Math.max(0, startMs - timing.lastMs);
  if (pauseMs >= greetingBreakMs) {
    const restarts = timing.voicedMs < leastGreetingMs ? timing.restarts : timing.restarts + 1;
    return { ...first, restarts, longestPauseMs: 0 };
  }
  const heard = {
    ...timing,
    lastMs: endMs,
    words: timing.words + 1,
    voicedMs: timing.voicedMs + voicedMs,
    longestPauseMs: Math.max(timing.longestPauseMs, pauseMs),
  };
  return pauseMs < runBreakMs ? heard : { ...heard, runMs: startMs, runs: timing.runs + 1 };
}
