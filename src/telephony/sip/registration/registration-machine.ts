import { assertNever } from '../../../lib/errors.ts';

/**
 * One binding of ours at a registrar: RFC 3261 section 10.2, with the retries of RFC 5626 section 4.5.
 *
 *   start: REGISTER      granted                          try due: REGISTER
 *  ----> registering --------------> registered -------------------------------> refreshing
 *        |   ^   ^                    ^    |  flow failed: REGISTER, or holding    |  |   |
 *        |   |   |                    |    +-------------------------------------> |  |   |
 *        |   |   |                    +------------- granted ----------------------+  |   |
 *        |   |   |                                              unavailable           |   |
 *        |   |   |  lapse             holding <---------------------------------------+   |
 *        |   |   +--------------+       |  |                                              |
 *        |   |                  |       |  +-- try due, or flow back: REGISTER -> refreshing
 *        |   | try due:         |       | lapse                                           |
 *        |   | REGISTER     (refreshing)|                                                 |
 *        v   |                          v                                                 |
 *       waiting <--------------------------------------- refused -------------------------+
 *
 *   stop: waiting ------------------------------------> ended
 *         any other: REGISTER with Expires 0 ---> unregistering --- answered, given up ---> ended
 *
 * registering: the registrar knows nothing of us, as far as we know; a REGISTER is under way. A 423 is answered at once with the time that it asks for.
 * registered: the binding stands until the lapse. The next REGISTER goes out well before.
 * refreshing: the binding stands, and the next REGISTER is under way.
 * holding: the binding stands, but the last REGISTER came to nothing (no answer, 5xx). It is tried again until the binding lapses.
 * waiting: no binding. The next try comes after a while that grows with every failure; faster, and up to 5 minutes, when the registrar could not be
 *   reached or could not do it, slower, and up to half an hour, when it said no: what it said no to is for people to put right, and many
 *   registrars bar an address that keeps asking.
 * unregistering: the binding is being taken back. Whatever comes of it is the end.
 * ended: nothing is sent and nothing is heard any more.
 *
 * Deviation: RFC 5626 section 4.5 starts at 30 s and goes up to 30 minutes, for phones by the million. A trunk is one of a few, and every minute that it is
 * away for longer than the registrar is calls that are not made.
 */
export type RegistrationState = {
  readonly name: 'registering' | 'registered' | 'refreshing' | 'holding' | 'waiting' | 'unregistering' | 'ended';
  /** What is asked for, s. A 423 raises it. */
  readonly expiresS: number;
  /** Tries in a row that came to nothing. */
  readonly failures: number;
  /** Flows that failed since one lasted until its refresh. The first is made up for at once; the others wait, lest it goes round and round. */
  readonly flowFailures: number;
  /** Why the last try came to nothing, for people; null: it did not. */
  readonly reason: string | null;
};

export type RegistrationInput =
  /** A 2xx, and for how long, s. */
  | { readonly type: 'granted'; readonly expiresS: number }
  /** 423, and what is asked for, s. */
  | { readonly type: 'too-brief'; readonly minExpiresS: number }
  /** The registrar says no. */
  | { readonly type: 'refused'; readonly reason: string; readonly retryAfterS: number }
  /** No answer, or one that says that it cannot be done now. */
  | { readonly type: 'unavailable'; readonly reason: string; readonly retryAfterS: number }
  /** The wait is over. */
  | { readonly type: 'try' }
  /** The granted time is over. */
  | { readonly type: 'lapse' }
  /** The connection that the registrar would reach us by is gone (RFC 5626 section 4.4). */
  | { readonly type: 'flow-failed'; readonly reason: string }
  | { readonly type: 'stop' }
  /** Something came of the REGISTER that takes the binding back, or nobody waits for it any longer. */
  | { readonly type: 'removed' };

export type RegistrationAction =
  | { readonly type: 'send' }
  | { readonly type: 'send-removal' }
  /** Forget the REGISTER under way. */
  | { readonly type: 'abandon' }
  | { readonly type: 'start-lapse'; readonly expiresS: number }
  | { readonly type: 'wait-refresh'; readonly expiresS: number }
  /** With jitter: between half of `nominalMs` and all of it, and not before `atLeastMs`. */
  | { readonly type: 'wait-retry'; readonly nominalMs: number; readonly atLeastMs: number }
  | { readonly type: 'stop-timers' }
  | { readonly type: 'end' };

export type RegistrationStep = { readonly state: RegistrationState; readonly actions: readonly RegistrationAction[] };

export const retryLimits = {
  unavailable: { firstMs: 10_000, maxMs: 300_000 },
  refused: { firstMs: 120_000, maxMs: 1_800_000 },
  /** A registrar may ask for this much patience and no more. */
  maxRetryAfterS: 3600,
  /** A registrar may ask for bindings of a day and no longer. */
  maxExpiresS: 86_400,
} as const;

export function startRegistration(expiresS: number): RegistrationStep {
  const state = { name: 'registering', expiresS, failures: 0, flowFailures: 0, reason: null } as const;
  return { state, actions: [send] };
}

/** Whether the registrar has a binding of ours, as far as we know. */
export function isBound(state: RegistrationState): boolean {
  return state.name === 'registered' || state.name === 'refreshing' || state.name === 'holding';
}

export function stepRegistration(state: RegistrationState, input: RegistrationInput): RegistrationStep {
  if (state.name === 'ended') return to(state);
  if (state.name === 'unregistering') return input.type === 'removed' ? end(state) : to(state);
  switch (input.type) {
    case 'granted':
      return isUnderWay(state) ? onGranted(state, input.expiresS) : to(state);
    case 'too-brief':
      return isUnderWay(state) ? onTooBrief(state, input.minExpiresS) : to(state);
    case 'refused':
      return isUnderWay(state) ? refused(state, input.reason, input.retryAfterS) : to(state);
    case 'unavailable':
      return isUnderWay(state) ? unavailable(state, input.reason, input.retryAfterS) : to(state);
    case 'try':
      return onTry(state);
    case 'lapse':
      return onLapse(state);
    case 'flow-failed':
      return onFlowFailed(state, input.reason);
    case 'stop':
      if (state.name === 'waiting') return end(state);
      // Deviation: section 10.2 wants the answer to a REGISTER under way awaited first. We are stopping; should the two cross, the registrar goes by their numbers.
      return to({ ...state, name: 'unregistering' }, { type: 'stop-timers' }, { type: 'abandon' }, sendRemoval);
    case 'removed':
      // Only a removal is answered so.
      return to(state);
    default:
      return assertNever(input);
  }
}

function onGranted(state: RegistrationState, expiresS: number): RegistrationStep {
  const granted = { ...state, name: 'registered', failures: 0, reason: null } as const;
  return to(granted, { type: 'stop-timers' }, { type: 'start-lapse', expiresS }, { type: 'wait-refresh', expiresS });
}

/** Section 10.2.8. A registrar that asks for less than it was offered, or for no end of time, is not followed. */
function onTooBrief(state: RegistrationState, minExpiresS: number): RegistrationStep {
  const isSane = minExpiresS > state.expiresS && minExpiresS <= retryLimits.maxExpiresS;
  if (isSane) return to({ ...state, expiresS: minExpiresS }, send);
  return refused(state, `423 with a Min-Expires of ${minExpiresS} s to ${state.expiresS} s`, 0);
}

function refused(state: RegistrationState, reason: string, retryAfterS: number): RegistrationStep {
  const failed = { ...state, name: 'waiting', failures: state.failures + 1, reason } as const;
  return to(failed, { type: 'stop-timers' }, retry(failed, retryLimits.refused, retryAfterS));
}

function unavailable(state: RegistrationState, reason: string, retryAfterS: number): RegistrationStep {
  const name = isBound(state) ? 'holding' : 'waiting';
  const failed = { ...state, name, failures: state.failures + 1, reason } as const;
  return to(failed, retry(failed, retryLimits.unavailable, retryAfterS));
}

function onTry(state: RegistrationState): RegistrationStep {
  switch (state.name) {
    case 'registered':
      return to({ ...state, name: 'refreshing', flowFailures: 0 }, send);
    case 'holding':
      return to({ ...state, name: 'refreshing' }, send);
    case 'waiting':
      return to({ ...state, name: 'registering' }, send);
    default:
      // The timer fired while it was being replaced: a REGISTER is under way.
      return to(state);
  }
}

function onLapse(state: RegistrationState): RegistrationStep {
  switch (state.name) {
    case 'registered':
      // The process was held up past its refresh.
      return to({ ...state, name: 'registering' }, { type: 'stop-timers' }, send);
    case 'refreshing':
      return to({ ...state, name: 'registering' });
    case 'holding':
      return to({ ...state, name: 'waiting' });
    default:
      // There is no binding that could lapse.
      return to(state);
  }
}

function onFlowFailed(before: RegistrationState, reason: string): RegistrationStep {
  // With a REGISTER under way its transaction tells; without a binding there is nothing to reach us by.
  if (before.name !== 'registered' && before.name !== 'holding') return to(before);
  const state = { ...before, flowFailures: before.flowFailures + 1, reason };
  if (before.name === 'registered' && before.flowFailures === 0) return to({ ...state, name: 'refreshing' }, send);
  const holding = { ...state, name: 'holding', failures: state.failures + 1 } as const;
  return to(holding, retry({ ...holding, failures: state.flowFailures }, retryLimits.unavailable, 0));
}

function isUnderWay(state: RegistrationState): boolean {
  return state.name === 'registering' || state.name === 'refreshing';
}

function retry(
  { failures }: Pick<RegistrationState, 'failures'>,
  { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number },
  retryAfterS: number,
): RegistrationAction {
  const nominalMs = Math.min(firstMs * 2 ** Math.min(failures - 1, 20), maxMs);
  return { type: 'wait-retry', nominalMs, atLeastMs: Math.min(retryAfterS, retryLimits.maxRetryAfterS) * 1000 };
}

function end(state: RegistrationState): RegistrationStep {
  return to({ ...state, name: 'ended' }, { type: 'stop-timers' }, { type: 'abandon' }, { type: 'end' });
}

function to(state: RegistrationState, ...actions: RegistrationAction[]): RegistrationStep {
  return { state, actions };
}

const send: RegistrationAction = { type: 'send' };
const sendRemoval: RegistrationAction = { type: 'send-removal' };
