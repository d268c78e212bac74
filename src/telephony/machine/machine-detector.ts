import { assertNever } from '../../lib/errors.ts';
import { checkpointOf } from './checkpoint.ts';
import { type FrameTone, frameMs } from './frame-analyzer.ts';
import { machineProbability } from './machine-classifier.ts';
import { initialTiming, pauseOf, type SpeechTiming, stepTiming } from './speech-timing.ts';
import { initialToneSignals, stepToneSignals, type ToneSignal, type ToneSignals } from './tone-signals.ts';

/*
 * Whether a person or a machine has answered, as a pure machine over frames of 20 ms.
 *
 *             answered               a person, or 2.5 s have passed
 *   [early] -----------> [listening] -------------------------------> [presumed]
 *                             |                                         |    | nothing more for 20 s
 *                             | a machine                     a machine |    |
 *                             v                                         |    v
 *                        [greeting] <-----------------------------------+  [done]
 *                             |                                              ^
 *                             +-- a beep, or 3 s of silence, or 60 s --------+
 *
 * early      The call rings, and the network sends audio: an announcement, music, tones. Only tones that say why a call fails are listened for; they are told as they
 *            come and end nothing. Ringback is not told.
 * listening  The call is answered and nothing is told yet. Speech is measured from here on. What is said is judged each time after a pause, and while somebody goes on
 *            speaking: who says a word or two and waits is a person, who goes on is a machine. Tones that only machines send decide at once.
 * presumed   A person, or nobody who could be told to be one (`unsure`), was told, and so the prompt plays. It is a machine after all when it goes on speaking as only
 *            greetings do, or beeps after it has spoken. For that more is asked than before: a person may well answer a prompt. Silent for 20 s after the answer, it ends.
 * greeting   A machine was told. Its beep, or its silence, says that it records now. After a minute nobody waits any more.
 * done       Nothing is told any more, and nobody need listen.
 */

export type DetectorState = {
  readonly name: 'early' | 'listening' | 'presumed' | 'greeting' | 'done';
  readonly result: Answerer | null;
  readonly timing: SpeechTiming;
  readonly tones: ToneSignals;
  /** The clock of the tones, which runs before the answer too. */
  readonly clockMs: number;
};

export type Answerer = 'person' | 'machine' | 'unsure';

export type DetectorInput =
  /** `sinceMs`: how long ago, of which nothing was heard. */
  | { readonly type: 'answered'; readonly sinceMs: number }
  | { readonly type: 'frame'; readonly isSpeech: boolean; readonly tone: FrameTone | null };

/** What is found out. */
export type DetectorFinding =
  /** Before the answer. */
  | { readonly type: 'early-tone'; readonly signal: ToneSignal }
  | {
      readonly type: 'answerer';
      readonly result: Answerer;
      /** Why: what was heard, in a word. */
      readonly rule: DetectorRule;
      /** How likely it is a machine, 0 to 1, by timing; null: timing did not decide. */
      readonly probability: number | null;
      readonly timing: SpeechTiming;
      readonly signal: ToneSignal | null;
    }
  /** The machine records from now on; `signal`: the beep; null: it only fell silent. */
  | { readonly type: 'records'; readonly signal: ToneSignal | null; readonly atMs: number };

export type DetectorRule =
  | 'short-speech'
  | 'long-speech'
  | 'beep'
  | 'tones'
  | 'no-speech-in-time'
  | 'no-decision-in-time';

export type DetectorStep = { readonly state: DetectorState; readonly findings: readonly DetectorFinding[] };

/** A person waits no longer than this for the prompt. */
export const mostWaitMs = 2500;
const presumedMs = 20_000;
const quietMs = 3000;
const longestGreetingMs = 60_000;
/** Who beeps has spoken before: a phone may click and beep when it is picked up. */
const leastSpeechBeforeBeepMs = 300;

/**
 * From which probability on it is a machine, or a person. Chosen on the tuning half so that of 200 persons at most one is taken for a machine: hanging up on a person
 * is worse than talking to a machine.
 */
const thresholds = { person: 0.4, machine: 0.95, afterPerson: 0.985, afterUnsure: 0.98, afterRestart: 0.999 };

export const initialDetector: DetectorState = {
  name: 'early',
  result: null,
  timing: initialTiming,
  tones: initialToneSignals,
  clockMs: 0,
};

export function stepDetector(state: DetectorState, input: DetectorInput): DetectorStep {
  switch (input.type) {
    case 'answered':
      // A second answer is none.
      if (state.name !== 'early') return told(state);
      return told({ ...state, name: 'listening', timing: { ...initialTiming, nowMs: input.sinceMs } });
    case 'frame':
      return onFrame(state, input);
    default:
      return assertNever(input);
  }
}

function onFrame(state: DetectorState, input: Extract<DetectorInput, { type: 'frame' }>): DetectorStep {
  const clockMs = state.clockMs + frameMs;
  const { state: tones, signal } = stepToneSignals(state.tones, input.tone, clockMs);
  const timing = state.name === 'early' ? state.timing : stepTiming(state.timing, input.isSpeech);
  const heard: DetectorState = { ...state, clockMs, tones, timing };
  switch (state.name) {
    case 'early':
      return signal === null || signal.type === 'beep' ? told(heard) : told(heard, { type: 'early-tone', signal });
    case 'listening':
      return onListening(heard, signal);
    case 'presumed':
      return onPresumed(heard, signal);
    case 'greeting':
      return onGreeting(heard, signal);
    case 'done':
      return told(state);
  }
}

function onListening(state: DetectorState, signal: ToneSignal | null): DetectorStep {
  const bySignal = machineBySignal(state, signal);
  if (bySignal !== null) return bySignal;
  const { timing } = state;
  const checkpoint = checkpointOf(timing);
  if (checkpoint !== null) {
    const probability = machineProbability(timing, checkpoint);
    if (probability >= thresholds.machine) return judge(state, 'machine', { rule: 'long-speech', probability });
    const isPerson = checkpoint === 'pause' && probability < thresholds.person;
    if (isPerson) return judge(state, 'person', { rule: 'short-speech', probability });
  }
  if (timing.nowMs < mostWaitMs) return told(state);
  const rule = timing.firstMs === null ? 'no-speech-in-time' : 'no-decision-in-time';
  return judge(state, 'unsure', { rule, probability: null });
}

function onPresumed(state: DetectorState, signal: ToneSignal | null): DetectorStep {
  const bySignal = machineBySignal(state, signal);
  if (bySignal !== null) return bySignal;
  const { timing } = state;
  const checkpoint = checkpointOf(timing);
  if (checkpoint !== null) {
    const probability = machineProbability(timing, checkpoint);
    if (probability >= thresholdAfter(state)) return judge(state, 'machine', { rule: 'long-speech', probability });
  }
  return told(timing.nowMs >= presumedMs ? { ...state, name: 'done' } : state);
}

/** More is asked of what is said after a person was told, and most of what comes after a long pause: that may be an answer to the prompt. */
function thresholdAfter({ result, timing }: DetectorState): number {
  if (timing.restarts > 0) return thresholds.afterRestart;
  return result === 'person' ? thresholds.afterPerson : thresholds.afterUnsure;
}

function onGreeting(state: DetectorState, signal: ToneSignal | null): DetectorStep {
  const { timing } = state;
  const isBeep = signal?.type === 'beep';
  if (isBeep || pauseOf(timing) >= quietMs) {
    return told({ ...state, name: 'done' }, records(state, isBeep ? signal : null));
  }
  return told(timing.nowMs >= longestGreetingMs ? { ...state, name: 'done' } : state);
}

/** What only machines send. */
function machineBySignal(state: DetectorState, signal: ToneSignal | null): DetectorStep | null {
  if (signal === null) return null;
  switch (signal.type) {
    case 'sit':
    case 'fax':
    case 'busy':
    case 'congestion':
      // No mailbox is there to wait for.
      return judge({ ...state, name: 'done' }, 'machine', { rule: 'tones', probability: null, signal });
    case 'beep': {
      if (!hasSpoken(state)) return null;
      const judged = judge({ ...state, name: 'done' }, 'machine', { rule: 'beep', probability: null, signal });
      return { state: judged.state, findings: [...judged.findings, records(state, signal)] };
    }
    default:
      return assertNever(signal);
  }
}

type Grounds = {
  readonly rule: DetectorRule;
  readonly probability: number | null;
  readonly signal?: ToneSignal;
};

function judge(state: DetectorState, result: Answerer, { rule, probability, signal }: Grounds): DetectorStep {
  const { timing } = state;
  const listensOn = result === 'machine' ? 'greeting' : 'presumed';
  const name = state.name === 'done' ? 'done' : listensOn;
  const finding = { type: 'answerer', result, rule, probability, timing, signal: signal ?? null } as const;
  return told({ ...state, name, result }, finding);
}

function hasSpoken({ timing }: DetectorState): boolean {
  return timing.restarts > 0 || timing.voicedMs >= leastSpeechBeforeBeepMs;
}

function records({ timing }: DetectorState, signal: ToneSignal | null): DetectorFinding {
  return { type: 'records', signal, atMs: timing.nowMs };
}

function told(state: DetectorState, ...findings: DetectorFinding[]): DetectorStep {
  return { state, findings };
}
