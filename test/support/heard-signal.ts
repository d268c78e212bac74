import { decibels, findTonesIn, strongestHz } from './spectrum.ts';
import {
  lastTone,
  lastToneStartS,
  partStartsS,
  type SignalPart,
  signalDurationS,
  signalParts,
  sweep,
  sweepHzAt,
  sweepStartS,
} from './spectrum-signal.ts';
import type { Samples } from './tone.ts';

/** A part as it was heard. */
export type HeardPart = {
  readonly what: string;
  /** Amplitude of each of its tones against the first part's. */
  readonly levels: readonly number[];
  /** See `TonesFound`. */
  readonly purityDb: number;
};

/** What is wrong with a recording of `spectrumSignal`, in words; nothing: it is what was played. */
export type Faults = readonly string[];

/** How far a level may be off, as a factor of its own; half a step of u-law is 3 %. */
const levelTolerance = 0.1;
/** What lies above 4 kHz is 6 kHz in one part alone, at the level of the first: of that, what may be heard. */
const mostFoldedDb = -30;
const sweepToleranceHz = 30;
/** Frames of 20 ms at both ends, and what encoders add. */
const durationToleranceS = 0.05;

/** The middle of a part, clear of both its ends. */
const marginS = 0.08;
const windowS = 0.04;
/** A window of 40 ms is a part where the part stands out so far. */
const leastPurityDb = 15;
const leastAmplitude = 150;

/**
 * Holds a recording without holes against the signal: each part at its time, in its frequency (a fit over 240 ms, so to a tenth of a percent), at its level, and
 * at least `purityDb` above all else.
 */
export function faultsHeard({ pcm, sampleRate }: Samples, purityDb: number): Faults {
  const { startS, endS } = soundIn({ pcm, sampleRate });
  const at = (fromS: number, lengthS: number): Int16Array => {
    const first = Math.round((startS + fromS) * sampleRate);
    return pcm.subarray(first, first + Math.round(lengthS * sampleRate));
  };
  const found = [...signalParts, lastTone].map((part, index) => {
    const start = part === lastTone ? lastToneStartS : (partStartsS[index] ?? 0);
    const stretch = at(start + marginS, part.durationS - 2 * marginS);
    return { part, ...findTonesIn(stretch, sampleRate, heardTonesOf(part)) };
  });
  const reference = found[0]?.amplitudes[0] ?? 0;
  const heard = found.flatMap(({ part, amplitudes, purityDb: purity }) =>
    amplitudes.length === 0
      ? []
      : [{ what: part.what, levels: amplitudes.map((each) => each / reference), purityDb: purity }],
  );
  const above = found.find(({ amplitudes }) => amplitudes.length === 0);
  const foldedDb = (above?.restDb ?? 0) - decibels((reference / 32_768) ** 2 / 2);
  const sweepErrorHz = sweepError(at, sampleRate);
  const lengthS = endS - startS;
  return [
    ...faultsOfParts(heard, purityDb),
    ...(foldedDb > mostFoldedDb ? [`what lies above 4 kHz is heard, at ${foldedDb.toFixed(1)} dB`] : []),
    ...(sweepErrorHz > sweepToleranceHz ? [`the sweep is off by ${sweepErrorHz.toFixed(0)} Hz`] : []),
    ...(Math.abs(lengthS - signalDurationS) > durationToleranceS ? [`${lengthS.toFixed(3)} s are heard`] : []),
  ];
}

/** The same of a recording in which single packets are missing: all parts in order, by what is heard in half of each or more. */
export function faultsHeardWithHoles(samples: Samples, purityDb: number): Faults {
  return faultsOfParts(partsInOrder(samples), purityDb);
}

function faultsOfParts(heard: readonly HeardPart[], purityDb: number): Faults {
  const played = [...signalParts, lastTone].filter((part) => heardTonesOf(part).length > 0);
  const order = heard.map(({ what }) => what).join(', ');
  if (order !== played.map(({ what }) => what).join(', ')) return [`heard: ${order}`];
  return heard.flatMap(({ what, levels, purityDb: purity }, index) => {
    const expected = levelsOf(played[index] ?? lastTone);
    const off = levels.filter((level, tone) => Math.abs(level / (expected[tone] ?? 0) - 1) > levelTolerance);
    return [
      ...(off.length > 0 ? [`${what}: at ${levels.map((level) => level.toFixed(3))} instead of ${expected}`] : []),
      ...(purity < purityDb ? [`${what}: only ${purity.toFixed(1)} dB above all else`] : []),
    ];
  });
}

/** As they were played, against the first part's; in mono a tone of one channel is half as loud. */
function levelsOf(part: SignalPart): number[] {
  const share = (hz: number): number => (part.left.includes(hz) ? 0.5 : 0) + (part.right.includes(hz) ? 0.5 : 0);
  return heardTonesOf(part).map((hz) => (share(hz) * part.level) / (signalParts[0]?.level ?? 1));
}

/** The tones of a part as a telephone carries them, left before right. */
function heardTonesOf(part: SignalPart): number[] {
  return [...new Set([...part.left, ...part.right])].filter((hz) => hz < 4000);
}

/** Which parts are heard, window by window of 40 ms, repetitions and what is none left out; for recordings with holes. */
function partsInOrder({ pcm, sampleRate }: Samples): HeardPart[] {
  const length = Math.round(windowS * sampleRate);
  const parts = [...signalParts, lastTone].filter((part) => heardTonesOf(part).length > 0);
  const runs: { what: string; windows: { purityDb: number; amplitudes: readonly number[] }[] }[] = [];
  for (let first = 0; first + length <= pcm.length; first += length) {
    const window = pcm.subarray(first, first + length);
    const candidates = parts.map((part) => ({
      ...{ what: part.what, ...findTonesIn(window, sampleRate, heardTonesOf(part)) },
    }));
    const best = candidates.reduce((a, b) => (b.purityDb > a.purityDb ? b : a));
    if (best.purityDb < leastPurityDb || Math.min(...best.amplitudes) < leastAmplitude) continue;
    if (runs.at(-1)?.what !== best.what) runs.push({ what: best.what, windows: [] });
    runs.at(-1)?.windows.push(best);
  }
  const isHeard = (what: string, windows: number): boolean =>
    windows * windowS >= (parts.find((part) => part.what === what)?.durationS ?? 0) / 2;
  const heard = runs.filter(({ what, windows }) => isHeard(what, windows.length));
  const reference = median(heard[0]?.windows.map(({ amplitudes }) => amplitudes[0] ?? 0) ?? []);
  return heard.map(({ what, windows }) => ({
    what,
    levels: (windows[0]?.amplitudes ?? []).map(
      (_, tone) => median(windows.map(({ amplitudes }) => amplitudes[tone] ?? 0)) / reference,
    ),
    purityDb: median(windows.map(({ purityDb }) => purityDb)),
  }));
}

function sweepError(at: (fromS: number, lengthS: number) => Int16Array, sampleRate: number): number {
  let worst = 0;
  for (let s = 0.05; s + windowS < sweep.durationS - 0.05; s += windowS) {
    const heard = strongestHz(at(sweepStartS + s, windowS), sampleRate, { fromHz: 100, toHz: 3900, stepHz: 20 });
    worst = Math.max(worst, Math.abs(heard - sweepHzAt(s + windowS / 2)));
  }
  return worst;
}

/** Where sound begins and ends, to 5 ms: as loud as a tenth of the loudest. */
function soundIn({ pcm, sampleRate }: Samples): { readonly startS: number; readonly endS: number } {
  const length = Math.round(0.005 * sampleRate);
  const loudness: number[] = [];
  for (let first = 0; first + length <= pcm.length; first += length) {
    loudness.push(Math.sqrt(pcm.subarray(first, first + length).reduce((sum, x) => sum + x * x, 0) / length));
  }
  const threshold = Math.max(...loudness) / 10;
  if (!(threshold > 20)) throw new Error('no sound in the recording');
  const isLoud = (each: number): boolean => each > threshold;
  return {
    startS: (loudness.findIndex(isLoud) * length) / sampleRate,
    endS: ((loudness.findLastIndex(isLoud) + 1) * length) / sampleRate,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
