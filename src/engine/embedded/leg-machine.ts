import type { CallMachine } from '../../call/call-machine.ts';
import type { EarlyTone } from '../../call/early-tone.ts';
import { type DigitSource, type FarEndWords, type LegEnd, type LegEvent, noFarEndWords } from '../../call/engine.ts';
import { assertNever } from '../../lib/errors.ts';
import type { MachineFinding } from '../../telephony/machine/machine-finding.ts';
import type { OutgoingCallEnd } from '../../telephony/sip/endpoint-types.ts';
import { type DigitPairing, pairDigit } from './digit-pairing.ts';

/*
 * One leg of the embedded engine, as a pure machine.
 *
 *              opened             18x                2xx, usable
 *   [opening] --------> [dialing] ----> [ringing] -----------------> [answered]
 *       |                   |  |            |     (also from dialing)    |
 *       |                   |  +------------+----------------------------+
 *       | open failed,      |            | hang-up, ring timeout, close,
 *       | or opened after   | SIP side   | unusable answer, media failed
 *       | a hang-up         | ended      v
 *       |                   |        [ending]
 *       v                   v            | SIP side ended
 *   [closing] <-------------+------------+
 *       | media closed
 *       v
 *    [ended]
 *
 * opening   The trunk's host is being resolved and a media port bound; nothing has been sent. A hang-up is remembered and no INVITE ever leaves.
 * dialing   The INVITE is out; at most a 100 came back. The ring timer runs.
 * ringing   A 180 to 189 came back. The ring timer runs on. Early media, if any, is listened to for tones of the network where the call asks for it, and otherwise ignored.
 * answered  The far side sent a 2xx with usable media, which is connected. Digits and playback are observed, here only.
 * ending    We asked the SIP side to end the call (CANCEL or BYE, its choice) and why; only its word that it ended counts now. A 2xx that
 *           crosses our CANCEL is ACKed and BYEd below us and never observed, so such a leg stays unanswered.
 * closing   The SIP side is done; the media session is being closed for its last figures.
 * ended     `ended` was observed; nothing is any more.
 */

export type LegPhase = 'opening' | 'dialing' | 'ringing' | 'answered' | 'ending' | 'closing' | 'ended';

type EndCause = LegEnd['cause'];

/** Why a leg ends, in the words of the port. */
export type LegEndCause = { readonly cause: EndCause; readonly reason: string };

export type LegState = {
  readonly phase: LegPhase;
  readonly hasRung: boolean;
  readonly isAnswered: boolean;
  /** Whether any response to the INVITE came. */
  readonly isHeard: boolean;
  /** A packet came, which is observed after the answer only. */
  readonly hasPacket: boolean;
  readonly hasMediaStarted: boolean;
  readonly sipStatus: number | null;
  /** Why we asked for the end, the first asking; null: we didn't. */
  readonly asked: LegEndCause | null;
  /** Why it ended; set in closing and ended. */
  readonly end: LegEndCause | null;
  readonly farEnd: FarEndWords;
  readonly pairing: DigitPairing;
  /** Who answered, as far as was heard. */
  readonly machine: CallMachine | null;
  /** The first tone of the network before the answer. */
  readonly earlyTone: EarlyTone | null;
};

export type LegInput =
  | { readonly type: 'opened' }
  | { readonly type: 'open-failed'; readonly cause: 'transport-error' | 'internal-error'; readonly reason: string }
  | { readonly type: 'trying' }
  | { readonly type: 'provisional'; readonly status: number; readonly hasSdp: boolean }
  /** `problem`: why the answer's media is unusable; null: it is usable. */
  | { readonly type: 'answered'; readonly status: number; readonly problem: string | null }
  | { readonly type: 'digit'; readonly digit: string; readonly source: DigitSource; readonly atMs: number }
  | { readonly type: 'first-packet' }
  | { readonly type: 'machine'; readonly finding: MachineFinding }
  | { readonly type: 'play-ended'; readonly promptKey: string; readonly isComplete: boolean }
  | { readonly type: 'media-failed'; readonly reason: string }
  | { readonly type: 'ring-timeout' }
  | { readonly type: 'hang-up' }
  | { readonly type: 'close' }
  | { readonly type: 'sip-ended'; readonly end: OutgoingCallEnd }
  /** `media`: the figures; null: no media session had been opened. */
  | { readonly type: 'media-closed'; readonly media: LegEnd['media'] };

export type LegAction =
  | { readonly type: 'send-invite' }
  | { readonly type: 'start-ring-timer' }
  | { readonly type: 'cancel-ring-timer' }
  | { readonly type: 'connect-media' }
  | { readonly type: 'hang-up-sip' }
  | { readonly type: 'close-media' }
  | { readonly type: 'observe'; readonly event: LegEvent };

export type LegStep = { readonly state: LegState; readonly actions: readonly LegAction[] };

export const initialLegState: LegState = {
  phase: 'opening',
  hasRung: false,
  isAnswered: false,
  isHeard: false,
  hasPacket: false,
  hasMediaStarted: false,
  sipStatus: null,
  asked: null,
  end: null,
  farEnd: noFarEndWords,
  pairing: [],
  machine: null,
  earlyTone: null,
};

/** One input, in whatever phase. Pairs that don't belong together are ignored: each is a crossing on the wire or between threads. */
export function stepLeg(state: LegState, input: LegInput): LegStep {
  switch (input.type) {
    case 'opened':
      return onOpened(state);
    case 'open-failed':
      if (state.phase !== 'opening') return stay(state);
      return closing(state, state.asked ?? { cause: input.cause, reason: input.reason });
    case 'trying':
      return stay({ ...state, isHeard: true });
    case 'provisional':
      return onProvisional(state, input);
    case 'answered':
      return onAnswered(state, input);
    case 'digit':
      return onDigit(state, input);
    case 'first-packet':
      return onFirstPacket(state);
    case 'machine':
      return onFinding(state, input.finding);
    case 'play-ended':
      if (state.phase !== 'answered') return stay(state);
      return observe(state, { type: 'play-ended', promptKey: input.promptKey, isComplete: input.isComplete });
    case 'media-failed':
      return onAsked(state, { cause: 'internal-error', reason: `media failed: ${input.reason}` });
    case 'ring-timeout':
      return onRingTimeout(state);
    case 'hang-up':
      return onAsked(state, { cause: 'local-hangup', reason: 'hung up' });
    case 'close':
      return onAsked(state, { cause: 'engine-closed', reason: 'engine closed' });
    case 'sip-ended':
      return onSipEnded(state, input.end);
    case 'media-closed':
      return onMediaClosed(state, input.media);
    default:
      return assertNever(input);
  }
}

function stay(state: LegState): LegStep {
  return { state, actions: [] };
}

function observe(state: LegState, event: LegEvent): LegStep {
  return { state, actions: [{ type: 'observe', event }] };
}

function closing(state: LegState, end: LegEndCause): LegStep {
  return { state: { ...state, phase: 'closing', end }, actions: [{ type: 'close-media' }] };
}

function onOpened(state: LegState): LegStep {
  if (state.phase !== 'opening') return stay(state);
  if (state.asked !== null) return closing(state, state.asked);
  return { state: { ...state, phase: 'dialing' }, actions: [{ type: 'start-ring-timer' }, { type: 'send-invite' }] };
}

function onProvisional(state: LegState, input: { status: number; hasSdp: boolean }): LegStep {
  const heard: LegState = { ...state, isHeard: true };
  if (state.phase !== 'dialing' || input.status < 180 || input.status > 189) return stay(heard);
  return observe(
    { ...heard, phase: 'ringing', hasRung: true },
    { type: 'ringing', sipStatus: input.status, hasEarlyMedia: input.hasSdp },
  );
}

function onAnswered(state: LegState, input: { status: number; problem: string | null }): LegStep {
  if (state.phase !== 'dialing' && state.phase !== 'ringing') return stay(state);
  const heard: LegState = { ...state, isHeard: true, sipStatus: input.status };
  if (input.problem !== null) return onAsked(heard, { cause: 'media-failed', reason: input.problem });
  const answered: LegState = { ...heard, phase: 'answered', isAnswered: true, hasMediaStarted: state.hasPacket };
  const actions: LegAction[] = [
    { type: 'cancel-ring-timer' },
    { type: 'connect-media' },
    { type: 'observe', event: { type: 'answered' } },
  ];
  // It flowed before the answer already.
  if (state.hasPacket) actions.push({ type: 'observe', event: { type: 'media-started' } });
  return { state: answered, actions };
}

function onDigit(state: LegState, input: { digit: string; source: DigitSource; atMs: number }): LegStep {
  if (state.phase !== 'answered') return stay(state);
  const { pairing, isNew } = pairDigit(state.pairing, input);
  const paired: LegState = { ...state, pairing };
  return isNew ? observe(paired, { type: 'digit', digit: input.digit, source: input.source }) : stay(paired);
}

function onFirstPacket(state: LegState): LegStep {
  const heard: LegState = { ...state, hasPacket: true };
  if (state.phase !== 'answered' || state.hasMediaStarted) return stay(heard);
  return observe({ ...heard, hasMediaStarted: true }, { type: 'media-started' });
}

function onFinding(state: LegState, finding: MachineFinding): LegStep {
  switch (finding.type) {
    case 'early-tone':
      // The first says why the call fails; others follow where an announcement is repeated.
      return stay(state.isAnswered ? state : { ...state, earlyTone: state.earlyTone ?? finding.tone });
    case 'answerer': {
      if (state.phase !== 'answered') return stay(state);
      const { result, evidence, decidedAfterMs, hasMailbox } = finding;
      const known: LegState = { ...state, machine: { result, evidence, decidedAfterMs } };
      return observe(known, { type: 'answerer', result, hasMailbox });
    }
    case 'records': {
      if (state.phase !== 'answered' || state.machine === null) return stay(state);
      const evidence = { ...state.machine.evidence, ...finding.evidence };
      const known: LegState = { ...state, machine: { ...state.machine, evidence } };
      return observe(known, { type: 'machine-records', after: finding.after });
    }
    default:
      return assertNever(finding);
  }
}

function onRingTimeout(state: LegState): LegStep {
  if (state.phase !== 'dialing' && state.phase !== 'ringing') return stay(state);
  return onAsked(state, { cause: 'ring-timeout', reason: 'no answer' });
}

/** Somebody on our side wants the end. */
function onAsked(state: LegState, asked: LegEndCause): LegStep {
  switch (state.phase) {
    case 'opening':
      return stay({ ...state, asked: state.asked ?? asked });
    case 'dialing':
    case 'ringing':
    case 'answered':
      return {
        state: { ...state, phase: 'ending', asked },
        actions: [{ type: 'cancel-ring-timer' }, { type: 'hang-up-sip' }],
      };
    case 'ending':
    case 'closing':
    case 'ended':
      return stay(state);
    default:
      return assertNever(state.phase);
  }
}

function onSipEnded(state: LegState, end: OutgoingCallEnd): LegStep {
  if (state.phase === 'opening' || state.phase === 'closing' || state.phase === 'ended') return stay(state);
  const heard: LegState = {
    ...state,
    isHeard: state.isHeard || end.status !== null,
    sipStatus: end.status ?? state.sipStatus,
    farEnd: { q850Cause: end.q850Cause, endReason: end.causeText, retryAfterS: end.retryAfterS },
  };
  const step = closing(heard, endOf(heard, end));
  return { state: step.state, actions: [{ type: 'cancel-ring-timer' }, ...step.actions] };
}

/**
 * The end that we asked for is the cause, whatever the far side said to it; its own final status is in `sipStatus`. One exception: the ring timer
 * ran out on a far side that never said anything, which is a dead trunk and not a callee who doesn't answer.
 */
function endOf(state: LegState, end: OutgoingCallEnd): LegEndCause {
  if (state.asked !== null && (state.asked.cause !== 'ring-timeout' || state.isHeard)) return state.asked;
  if (state.asked !== null && end.cause !== 'transport-error') return { cause: 'no-response', reason: 'no response' };
  return { cause: causeOf(end), reason: end.reason };
}

function causeOf(end: OutgoingCallEnd): EndCause {
  switch (end.cause) {
    case 'rejected':
      return 'rejected';
    case 'timeout':
    case 'lost':
      return 'no-response';
    case 'transport-error':
      return 'transport-error';
    case 'remote-bye':
      return 'remote-hangup';
    case 'closed':
      return 'engine-closed';
    case 'local-bye':
      // Nobody here asked for it: every wish of ours is in `asked`.
      return 'internal-error';
    default:
      return assertNever(end.cause);
  }
}

function onMediaClosed(state: LegState, media: LegEnd['media']): LegStep {
  if (state.phase !== 'closing' || state.end === null) return stay(state);
  const end: LegEnd = {
    ...state.end,
    ...state.farEnd,
    hasRung: state.hasRung,
    isAnswered: state.isAnswered,
    sipStatus: state.sipStatus,
    media: state.isAnswered ? media : null,
    machine: state.machine,
    earlyTone: state.earlyTone,
  };
  return observe({ ...state, phase: 'ended' }, { type: 'ended', end });
}
