import { type FrameTone, frameMs } from './frame-analyzer.ts';

/**
 * What a network or a machine says with tones. `sit`: the three tones before an announcement, and what they say where they say it; `beep`: one steady tone, after
 * which a machine records; `fax`: the tone of a fax machine that answers (CED, 2,100 Hz) or calls (CNG, 1,100 Hz, every three seconds); `busy` and `congestion`: the
 * same tone again and again.
 */
export type ToneSignal =
  | { readonly type: 'sit'; readonly kind: SitKind }
  | { readonly type: 'beep'; readonly hz: number; readonly durationMs: number }
  | { readonly type: 'fax' | 'busy' | 'congestion' };

/** What an announcement after these tones is about; `general`: those of ITU-T E.180, which all mean the same. */
export type SitKind = 'intercept' | 'vacant' | 'reorder' | 'no-circuit' | 'general';

/** One tone that has ended. */
export type PastTone = FrameTone & { readonly startMs: number; readonly endMs: number };

/** Follows the tones of a call: pure. `open`: the one that sounds; `past`: those before, the latest last, of the last seconds only. */
export type ToneSignals = {
  readonly open: PastTone | null;
  /** Frames in which the open tone was not heard: one may be lost. */
  readonly missed: number;
  readonly past: readonly PastTone[];
};

export const initialToneSignals: ToneSignals = { open: null, missed: 0, past: [] };

/** The same tone, allowing for noise. */
const sameHz = 18;
const mostMissed = 1;
/** Shorter ones are vowels and chance. */
const leastToneMs = 60;
const keptTones = 8;

/** One frame, which ends at `nowMs`. `signal`: what ended with it, if it says anything. */
export function stepToneSignals(
  before: ToneSignals,
  tone: FrameTone | null,
  nowMs: number,
): { readonly state: ToneSignals; readonly signal: ToneSignal | null } {
  const { open, missed, past } = before;
  if (open === null) return { state: { open: begun(tone, nowMs), missed: 0, past }, signal: null };
  if (tone !== null && isSame(open, tone)) {
    return { state: { open: { ...open, endMs: nowMs }, missed: 0, past }, signal: null };
  }
  // Two different tones are two, but a frame without any may have been lost.
  if (tone === null && missed < mostMissed) return { state: { ...before, missed: missed + 1 }, signal: null };
  const next = begun(tone, nowMs);
  if (open.endMs - open.startMs < leastToneMs) return { state: { open: next, missed: 0, past }, signal: null };
  const tones = [...past.slice(1 - keptTones), open];
  return { state: { open: next, missed: 0, past: tones }, signal: signalOf(tones) };
}

function begun(tone: FrameTone | null, nowMs: number): PastTone | null {
  return tone === null ? null : { ...tone, startMs: nowMs - frameMs, endMs: nowMs };
}

function isSame(one: FrameTone, other: FrameTone): boolean {
  if (Math.abs(one.hz - other.hz) > sameHz) return false;
  if (one.secondHz === null || other.secondHz === null) return one.secondHz === other.secondHz;
  return Math.abs(one.secondHz - other.secondHz) <= sameHz;
}

function lengthOf(tone: PastTone): number {
  return tone.endMs - tone.startMs;
}

/** What the latest of these tones says, together with those before it. */
function signalOf(tones: readonly PastTone[]): ToneSignal | null {
  return sitOf(tones) ?? cadenceOf(tones) ?? faxOf(tones) ?? beepOf(tones.at(-1));
}

/** The frequencies of the three tones: Telcordia's by pairs, and ITU-T E.180's, which lie between them. */
const sitTones: readonly (readonly number[])[] = [
  [913.8, 950, 985.2],
  [1370.6, 1400, 1428.5],
  [1776.7, 1800],
];
const sitHz = 25;
/** Tones and pauses are known to a frame at either end. */
const cadenceErrorMs = 60;
const sitGapMs = 100;

/** Three tones in a row, without a pause, of 330 or 274 and 380 ms. */
function sitOf(tones: readonly PastTone[]): ToneSignal | null {
  const three = tones.slice(-3);
  if (three.length < 3) return null;
  const isSit = three.every((tone, index) => {
    const before = three[index - 1];
    const follows = before === undefined || tone.startMs - before.endMs <= sitGapMs;
    const hzs = sitTones[index] ?? [];
    const isThere = tone.secondHz === null && hzs.some((hz) => Math.abs(tone.hz - hz) <= sitHz);
    return follows && isThere && lengthOf(tone) >= 200 && lengthOf(tone) <= 460;
  });
  if (!isSit) return null;
  return { type: 'sit', kind: sitKindOf(three[0]?.hz ?? 0, three[1]?.hz ?? 0) };
}

/** The first two tones are low or high each, which makes four meanings; the lengths say the same once more. */
function sitKindOf(firstHz: number, secondHz: number): SitKind {
  if (Math.abs(firstHz - 950) < 17 || Math.abs(secondHz - 1400) < 14) return 'general';
  const isFirstHigh = firstHz > 950;
  const isSecondHigh = secondHz > 1400;
  if (isFirstHigh) return isSecondHigh ? 'no-circuit' : 'vacant';
  return isSecondHigh ? 'reorder' : 'intercept';
}

/** Three times the same tone and the same pause: busy is 0.35 to 0.75 s each in most countries, congestion quicker (ITU-T E.180). */
function cadenceOf(tones: readonly PastTone[]): ToneSignal | null {
  const [first, second, third] = tones.slice(-3);
  if (first === undefined || second === undefined || third === undefined) return null;
  if (!isSame(first, second) || !isSame(second, third) || third.hz < 300 || third.hz > 700) return null;
  const pauseMs = second.startMs - first.endMs;
  const lengthMs = lengthOf(first);
  if (pauseMs < 120 || pauseMs > 800 || lengthMs > 800) return null;
  if (!isAbout(third.startMs - second.endMs, pauseMs)) return null;
  if (!isAbout(lengthOf(second), lengthMs) || !isAbout(lengthOf(third), lengthMs)) return null;
  return { type: pauseMs + lengthMs >= 650 ? 'busy' : 'congestion' };
}

function isAbout(ms: number, otherMs: number): boolean {
  return Math.abs(ms - otherMs) <= cadenceErrorMs;
}

/** ITU-T T.30: CED is 2,100 Hz for 2.6 s and more; CNG 1,100 Hz for half a second, three seconds apart. */
function faxOf(tones: readonly PastTone[]): ToneSignal | null {
  const last = tones.at(-1);
  if (last === undefined || last.secondHz !== null) return null;
  if (Math.abs(last.hz - 2100) <= 20 && lengthOf(last) >= 1000) return { type: 'fax' };
  const before = tones.at(-2);
  const isCng = (tone: PastTone | undefined): boolean =>
    tone !== undefined && Math.abs(tone.hz - 1100) <= 40 && Math.abs(lengthOf(tone) - 500) <= 90;
  if (!isCng(last) || !isCng(before)) return null;
  return Math.abs(last.startMs - (before?.endMs ?? 0) - 3000) <= 400 ? { type: 'fax' } : null;
}

const beepHz = { least: 390, most: 2050 };
const beepMs = { least: 80, most: 2100 };

function beepOf(tone: PastTone | undefined): ToneSignal | null {
  if (tone === undefined || tone.secondHz !== null) return null;
  const durationMs = lengthOf(tone);
  if (tone.hz < beepHz.least || tone.hz > beepHz.most) return null;
  if (durationMs < beepMs.least || durationMs > beepMs.most) return null;
  return { type: 'beep', hz: Math.round(tone.hz), durationMs };
}
