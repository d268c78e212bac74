import { type EarlyTone, statusOfTone, wordsOfTone } from './early-tone.ts';
import type { LegEnd } from './engine.ts';
import { saysTooLittle, statusOfCause } from './q850.ts';

/** How a call ended, as a value. Written to the record as it is. */
export type Outcome = {
  /** Whose doing it was: `trunk` the carrier's, `platform` ours, `indeterminate` nobody saw the end. */
  readonly class: 'success' | 'callee' | 'trunk' | 'platform' | 'indeterminate';
  readonly callStatus: CallStatus;
  /** `"0"` for call status 50, else the final SIP status, or one of {@link localCode}. */
  readonly terminationCode: string;
  readonly terminationReason: string;
  /** The final SIP status of the last INVITE; null when none came. */
  readonly sipStatus: number | null;
  /** The ITU-T Q.850 cause that the far side gave, and its words beside it; null: none. */
  readonly q850Cause: number | null;
  readonly endReason: string | null;
  /** Whether the same call may be tried over another trunk: nothing has reached the callee for certain. */
  readonly mayTryNextTrunk: boolean;
};

type Verdict = Omit<Outcome, 'q850Cause' | 'endReason'>;

const unsaid = { q850Cause: null, endReason: null };

/** 50 connected, 40 voicemail, 10 busy, 20 no answer, 30 rang and ended otherwise, 60 anything before ringing. */
export type CallStatus = 10 | 20 | 30 | 40 | 50 | 60;

/** Our own termination codes, for causes without a final SIP status of the far side. Above 1000, so that they are never taken for one. */
export const localCode = {
  /** The callee did not answer within the ring time; we cancelled. */
  noAnswer: '1001',
  /** The trunk never answered, or not finally (transaction timeout). */
  noResponse: '1002',
  /** The network refused: no route, port closed, unknown host. */
  unreachable: '1003',
  /** The callee answered, but without usable media. */
  noMedia: '1004',
  /** The platform hung up before the answer: it is stopping, or the task was stopped. */
  stopped: '1005',
  /** A fault of the platform itself. */
  internal: '1006',
  /** No trunk could take the call, and none came back in time. */
  noTrunk: '1007',
  /** The process that made the call died; nobody saw the end. */
  processDied: '1008',
  /** The call was permitted, but its time had passed before it could be made (the process was frozen). */
  tooLate: '1009',
  /** What the call was to play could not be made. */
  noPrompt: '1010',
  /** The account's prepaid balance does not cover the call, and nobody could resume it later. */
  balanceUsedUp: '1011',
} as const;

/** A person spoke, or machine detection is off: `person`. */
export type Answerer = 'person' | 'machine';

/** The outcome of a leg. The one place that decides it. */
export function outcomeOf(end: LegEnd, answerer: Answerer = 'person'): Outcome {
  return { ...verdictOn(end, answerer), q850Cause: end.q850Cause, endReason: end.endReason };
}

function verdictOn(end: LegEnd, answerer: Answerer): Verdict {
  if (end.isAnswered && end.cause !== 'media-failed') return answered(end, answerer);
  switch (end.cause) {
    case 'rejected':
      return rejected(end, end.sipStatus ?? 0);
    case 'media-failed':
      // Somebody may have picked up, but heard nothing: not a success, and not to be repeated elsewhere.
      return beforeAnswer(end, 'trunk', localCode.noMedia, 'no usable media in the answer');
    case 'ring-timeout':
      return noAnswer(end);
    case 'no-response':
      return retryable(end, localCode.noResponse, 'no response from the trunk');
    case 'transport-error':
      return retryable(end, localCode.unreachable, end.reason || 'trunk not reachable');
    case 'local-hangup':
    case 'engine-closed':
      return beforeAnswer(end, 'platform', localCode.stopped, 'hung up by the platform before the answer');
    case 'remote-hangup':
      // A BYE without an answer cannot come from a correct far side (RFC 3261 15.1.2 answers it 481).
      return beforeAnswer(end, 'trunk', localCode.internal, 'hung up by the trunk before the answer');
    case 'internal-error':
      return beforeAnswer(end, 'platform', localCode.internal, end.reason || 'internal error');
  }
}

type LocalCause = 'stopped' | 'internal' | 'noTrunk' | 'noPrompt' | 'balanceUsedUp';

/** A call that never left, for a reason of our own. */
export function localOutcome(code: LocalCause, reason: string): Outcome {
  return {
    class: code === 'noTrunk' ? 'trunk' : 'platform',
    callStatus: 60,
    terminationCode: localCode[code],
    terminationReason: reason,
    sipStatus: null,
    ...unsaid,
    mayTryNextTrunk: false,
  };
}

/** A call whose end nobody saw: its process died, or was frozen for so long that others had to take it for dead. */
export function indeterminateOutcome(cause: 'processDied' | 'tooLate', isAnswered: boolean): Outcome {
  const reason = cause === 'processDied' ? 'the process that made the call died' : 'the call could not be made in time';
  return {
    class: 'indeterminate',
    callStatus: isAnswered ? 50 : 60,
    terminationCode: isAnswered ? '0' : localCode[cause],
    terminationReason: reason,
    sipStatus: isAnswered ? 200 : null,
    ...unsaid,
    mayTryNextTrunk: false,
  };
}

function answered(end: LegEnd, answerer: Answerer): Verdict {
  const isPerson = answerer === 'person';
  return {
    class: isPerson ? 'success' : 'callee',
    callStatus: isPerson ? 50 : 40,
    terminationCode: isPerson ? '0' : String(end.sipStatus ?? 200),
    terminationReason: isPerson ? 'answered' : 'answered by a machine',
    sipStatus: end.sipStatus ?? 200,
    mayTryNextTrunk: false,
  };
}

/**
 * What a refusal says of the callee. The SIP status decides, unless it is one that says too little: then the status that the far side's cause should have
 * become ({@link statusOfCause}), and without such a cause the one that stands for the tones that were heard before. The record keeps the status that came. Neither
 * a cause nor a tone opens the way to another trunk: it may close it.
 */
function rejected(end: LegEnd, status: number): Verdict {
  const byCause = saysTooLittle(status) ? statusOfCause(end.q850Cause) : null;
  if (saysTooLittle(status) && byCause === null && end.earlyTone !== null) return byTone(end, status, end.earlyTone);
  const told = byCause ?? status;
  const verdict = refused(end, status, told);
  if (told === status) return verdict;
  return { ...verdict, mayTryNextTrunk: verdict.mayTryNextTrunk && refused(end, status, status).mayTryNextTrunk };
}

function byTone(end: LegEnd, status: number, tone: EarlyTone): Verdict {
  const verdict = refused(end, status, statusOfTone(tone));
  const mayTryNextTrunk = verdict.mayTryNextTrunk && refused(end, status, status).mayTryNextTrunk;
  return { ...verdict, terminationReason: wordsOfTone(tone), mayTryNextTrunk };
}

/** `status` came, `told` is what it means. */
function refused(end: LegEnd, status: number, told: number): Verdict {
  const because = (outcomeClass: Outcome['class'], callStatus: CallStatus, mayTryNextTrunk = false): Verdict => ({
    class: outcomeClass,
    callStatus,
    terminationCode: String(status),
    terminationReason: end.reason || `SIP ${status}`,
    sipStatus: end.sipStatus,
    mayTryNextTrunk,
  });
  const rungOrNot = end.hasRung ? 30 : 60;
  switch (told) {
    case 486:
    case 600:
      return because('callee', 10);
    case 603:
    case 487:
      return because('callee', 30);
    case 480:
      return because('callee', end.hasRung ? 20 : 60);
    case 408:
      // After ringing nobody answered; before, it is the carrier's own timeout (RFC 3261 21.4.9).
      return end.hasRung ? because('callee', 20) : because('trunk', 60, true);
    case 401:
    case 407:
      // The trunk does not know us: the callee was not reached, another trunk may.
      return because('trunk', rungOrNot, !end.hasRung);
    case 403:
    case 488:
    case 606:
      return because('trunk', rungOrNot);
  }
  if (told >= 500 && told < 600) return because('trunk', rungOrNot, !end.hasRung);
  // A redirection that the trunk's `maxRedirects` does not let us follow, or that led nowhere.
  if (told < 400) return because('trunk', rungOrNot);
  return because('callee', rungOrNot);
}

function noAnswer(end: LegEnd): Verdict {
  // The network said why while we waited, instead of refusing the call.
  if (end.earlyTone !== null) {
    const { class: outcomeClass, callStatus } = refused(end, 487, statusOfTone(end.earlyTone));
    const terminationReason = wordsOfTone(end.earlyTone);
    const { noAnswer: terminationCode } = localCode;
    return {
      ...{ class: outcomeClass, callStatus, terminationCode, terminationReason },
      ...{ sipStatus: end.sipStatus, mayTryNextTrunk: false },
    };
  }
  // Without ringing nothing is known of the callee's phone: some carriers never say 180. So no other trunk is tried.
  return {
    class: end.hasRung ? 'callee' : 'trunk',
    callStatus: end.hasRung ? 20 : 60,
    terminationCode: localCode.noAnswer,
    terminationReason: end.hasRung ? 'no answer' : 'no answer and no ringing',
    sipStatus: end.sipStatus,
    mayTryNextTrunk: false,
  };
}

function retryable(end: LegEnd, code: string, reason: string): Verdict {
  return { ...beforeAnswer(end, 'trunk', code, reason), mayTryNextTrunk: !end.hasRung };
}

function beforeAnswer(end: LegEnd, outcomeClass: Outcome['class'], code: string, reason: string): Verdict {
  return {
    class: outcomeClass,
    callStatus: end.hasRung ? 30 : 60,
    terminationCode: code,
    terminationReason: reason,
    sipStatus: end.sipStatus,
    mayTryNextTrunk: false,
  };
}
