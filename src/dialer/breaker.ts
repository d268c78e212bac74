import { assertNever } from '../lib/errors.ts';
import { countCall, emptyWindow, type FailureWindow, isShareReached } from './failure-window.ts';

/**
 * The circuit of one trunk as this process sees it: pure, the caller runs the actions and brings the time (monotonic ms).
 *
 *                    bad x failures in a row, silent x 3, failure share,
 *                    503 with Retry-After, bad and a silent probe, 2 silent probes
 *           +-------+ -----------------------------------------> +------+   tick, time is over     +---------+
 *   ------> | closed|                                            | open | -----------------------> | probing |
 *           +-------+ <----------------------------------------- +------+ <----------------------- +---------+
 *               ^        good, unless opened by share or word       ^          probe: silent           | probe: answered,
 *               |                                                   | too many of a round bad          | or never answers any
 *               |                                             +-----------+                            |
 *               +-------------------------------------------- | half-open | <--------------------------+
 *                        the last round was good              +-----------+
 *
 * closed: calls go through; `failures` counts the bad ones in a row, `silentCalls` those of them that nothing came back for, which cost half a minute each and so are
 *   believed sooner unless a probe is answered. With the first bad one the trunk is suspect: a probe (OPTIONS) is sent, and until it is
 *   answered, or `suspectUntil` has passed, calls that failed are not given up, because it may be the trunk and not the number. Where it refused them, an answered
 *   probe proves nothing, and only time or a good call ends the suspicion. If the probe stays silent on a trunk that has answered probes before, the circuit opens
 *   at once; without any bad call it takes two silent probes. The share of bad calls among those of the last minute opens it too, for a trunk that fails often
 *   and never in a row.
 * open: no calls until the cool-down is over; it doubles with each failed try, up to `maxCoolDownMs`. A trunk that said for how long (Retry-After) is left alone
 *   for that long, within an hour. Bad ends of calls that were under way tell nothing new, but may ask for more time. A good one closes the circuit, unless it was
 *   opened because too many others are bad, or on the trunk's own word.
 * probing: a probe is on its way. A trunk that never answered one may not know OPTIONS, so its silence proves nothing, and the circuit goes half-open anyway.
 * half-open: calls are tried in rounds of 1, 2 and 4; the ends of a round decide whether the next begins. A round in which the share of bad calls reaches the trunk's
 *   limit opens the circuit for longer; after the last good one it is closed. A trial that ends neither good nor bad (we cancelled it) frees its place. Only calls begun
 *   since it is half-open count: the others tell of the time before.
 *
 * good: the trunk did something with a call (ringing, answer, a refusal of the callee's); told once for each call. bad: an outcome that may try the next trunk.
 * refused: one that may not, and is the trunk's all the same (403: the account is barred, or this number is). It counts in the share and in trials only.
 */
export type BreakerState = {
  readonly name: 'closed' | 'open' | 'probing' | 'half-open';
  /** Monotonic ms; when it got that name. */
  readonly since: number;
  /** Bad calls in a row, and the silent ones of them. */
  readonly failures: number;
  readonly silentCalls: number;
  /** Probes in a row that stayed silent. */
  readonly silentProbes: number;
  readonly window: FailureWindow;
  readonly coolDownMs: number;
  /** open: when it is over. */
  readonly until: number;
  /** Whether a good call of before closes it again. */
  readonly isForgiving: boolean;
  readonly suspectUntil: number;
  readonly round: TrialRound;
  /** Whether this trunk was ever seen to answer OPTIONS. */
  readonly knowsProbes: boolean;
  /** The last failure, for people; null: none since the last good call. */
  readonly reason: string | null;
};

/** half-open: how many calls may be tried, were begun, and ended how. */
type TrialRound = { readonly size: number; readonly begun: number; readonly good: number; readonly bad: number };

/** When a trunk's circuit opens, as its operator set it. */
export type BreakerSettings = { readonly failures: number; readonly failurePercent: number };

/** `beganAt`: when the call went out, monotonic ms. */
export type BreakerInput =
  | { readonly type: 'good'; readonly beganAt: number }
  | {
      readonly type: 'bad';
      readonly beganAt: number;
      readonly reason: string;
      /** Nothing came back, or it could not even be sent. */
      readonly isSilent: boolean;
      /** For how long the trunk wants no calls (503 with Retry-After), s; null: it did not say. */
      readonly retryAfterS: number | null;
    }
  /** The trunk refused the call, and no other is to try it (403, 488): it may be about this call alone. */
  | { readonly type: 'refused'; readonly beganAt: number; readonly reason: string }
  /** A call was started. */
  | { readonly type: 'trial' }
  /** A call ended that says nothing about the trunk. */
  | { readonly type: 'neutral'; readonly beganAt: number }
  | { readonly type: 'probe-result'; readonly isAnswered: boolean }
  | { readonly type: 'tick' };

export type BreakerAction = { readonly type: 'probe' };

export type BreakerStep = { readonly state: BreakerState; readonly actions: readonly BreakerAction[] };

export const breakerLimits = {
  suspectMs: 3000,
  /** After a refusal: a task makes no new calls while one of its own is in doubt. */
  suspectRefusalMs: 1000,
  firstCoolDownMs: 5000,
  maxCoolDownMs: 60_000,
  maxRetryAfterS: 3600,
  /** Calls in a row that nothing came back for; never more than the trunk's own number of failures. */
  silentCalls: 3,
  silentProbes: 2,
  lastRound: 4,
} as const;

const firstRound: TrialRound = { size: 1, begun: 0, good: 0, bad: 0 };

export const closedBreaker: BreakerState = {
  name: 'closed',
  since: 0,
  failures: 0,
  silentCalls: 0,
  silentProbes: 0,
  window: emptyWindow,
  coolDownMs: breakerLimits.firstCoolDownMs,
  until: 0,
  isForgiving: true,
  suspectUntil: 0,
  round: firstRound,
  knowsProbes: false,
  reason: null,
};

/** How many new calls may go over the trunk now. */
export function callsAllowed(state: BreakerState): number {
  if (state.name === 'closed') return Number.POSITIVE_INFINITY;
  return state.name === 'half-open' ? state.round.size - state.round.begun : 0;
}

/** Whether a call that just failed over the trunk should wait rather than be given up. */
export function isSuspect(state: BreakerState, now: number): boolean {
  return state.name !== 'closed' || (state.failures > 0 && now < state.suspectUntil);
}

/** Time and settings of a step. */
export type BreakerMoment = { readonly now: number; readonly settings: BreakerSettings };

export function stepBreaker(state: BreakerState, input: BreakerInput, moment: BreakerMoment): BreakerStep {
  switch (input.type) {
    case 'good':
      return same(onGood(state, input.beganAt, moment));
    case 'bad':
      return onBad(state, input, moment);
    case 'refused':
      return same(onRefused(state, input, moment));
    case 'trial':
      return same(withPlaces(state, 1));
    case 'neutral':
      return same(isTrial(state, input.beganAt) ? withPlaces(state, -1) : state);
    case 'probe-result':
      return same(onProbeResult(state, input.isAnswered, moment.now));
    case 'tick':
      if (state.name !== 'open' || moment.now < state.until) return same(state);
      return { state: { ...state, name: 'probing', since: moment.now }, actions: [{ type: 'probe' }] };
    default:
      return assertNever(input);
  }
}

function onGood(state: BreakerState, beganAt: number, { now, settings }: BreakerMoment): BreakerState {
  switch (state.name) {
    case 'closed':
      return {
        ...state,
        failures: 0,
        silentCalls: 0,
        silentProbes: 0,
        reason: null,
        coolDownMs: breakerLimits.firstCoolDownMs,
        window: countCall(state.window, false, now),
      };
    case 'open':
    case 'probing':
      // What else failed lately still counts.
      return state.isForgiving ? { ...closed(state, now), window: state.window } : state;
    case 'half-open': {
      if (!isTrial(state, beganAt)) return state;
      return afterTrial({ ...state, round: { ...state.round, good: state.round.good + 1 } }, { now, settings });
    }
  }
}

function onBad(state: BreakerState, input: Extract<BreakerInput, { type: 'bad' }>, moment: BreakerMoment): BreakerStep {
  const { reason, retryAfterS } = input;
  const failed: BreakerState = { ...state, reason };
  const asked = retryAfterS === null ? null : Math.min(retryAfterS, breakerLimits.maxRetryAfterS) * 1000;
  if (asked !== null && asked > 0) {
    const isLonger = state.name !== 'open' || moment.now + asked > state.until;
    return same(isLonger ? openedFor(failed, asked, moment.now) : failed);
  }
  switch (state.name) {
    case 'closed':
      return onBadWhileClosed(failed, input.isSilent, moment);
    case 'half-open':
      return same(isTrial(state, input.beganAt) ? afterBadTrial(failed, moment) : state);
    case 'open':
    case 'probing':
      return same(failed);
  }
}

type Refusal = Extract<BreakerInput, { type: 'refused' }>;

function onRefused(state: BreakerState, { beganAt, reason }: Refusal, moment: BreakerMoment): BreakerState {
  if (isTrial(state, beganAt)) return afterBadTrial({ ...state, reason }, moment);
  if (state.name !== 'closed') return state;
  const counted = { ...state, reason, window: countCall(state.window, true, moment.now) };
  const isTooMany = isShareReached(counted.window, moment.settings.failurePercent, moment.now);
  return isTooMany ? { ...opened(counted, moment.now), isForgiving: false } : counted;
}

function onBadWhileClosed(before: BreakerState, isSilent: boolean, { now, settings }: BreakerMoment): BreakerStep {
  const isFirst = before.failures === 0;
  const doubtMs = isSilent ? breakerLimits.suspectMs : breakerLimits.suspectRefusalMs;
  const state: BreakerState = {
    ...before,
    failures: before.failures + 1,
    silentCalls: isSilent ? before.silentCalls + 1 : 0,
    window: countCall(before.window, true, now),
    suspectUntil: isFirst ? now + doubtMs : before.suspectUntil,
  };
  const isDead = state.silentCalls >= Math.min(breakerLimits.silentCalls, settings.failures);
  const isInARow = isDead || state.failures >= settings.failures;
  if (isInARow || isShareReached(state.window, settings.failurePercent, now)) {
    return same({ ...opened(state, now), isForgiving: isInARow });
  }
  return { state, actions: isFirst ? [{ type: 'probe' }] : [] };
}

function onProbeResult(before: BreakerState, isAnswered: boolean, now: number): BreakerState {
  const state: BreakerState = {
    ...before,
    knowsProbes: before.knowsProbes || isAnswered,
    silentProbes: isAnswered ? 0 : before.silentProbes + 1,
    silentCalls: isAnswered ? 0 : before.silentCalls,
  };
  switch (state.name) {
    case 'closed': {
      // It vouches for a trunk that was silent. That one that refused is there was known before.
      if (isAnswered) return before.silentCalls === before.failures ? { ...state, suspectUntil: now } : state;
      if (!state.knowsProbes) return state;
      if (state.failures > 0) return opened({ ...state, isForgiving: true }, now);
      if (state.silentProbes < breakerLimits.silentProbes) return state;
      return opened({ ...state, isForgiving: true, reason: 'no answer to OPTIONS' }, now);
    }
    case 'probing':
      if (isAnswered || !state.knowsProbes) return { ...state, name: 'half-open', since: now, round: firstRound };
      return opened({ ...state, coolDownMs: longer(state.coolDownMs) }, now);
    case 'open':
    case 'half-open':
      return state;
  }
}

function afterBadTrial(state: BreakerState, moment: BreakerMoment): BreakerState {
  return afterTrial({ ...state, round: { ...state.round, bad: state.round.bad + 1 } }, moment);
}

/** The round goes on, or makes way for the next, or was one too many. */
function afterTrial(state: BreakerState, { now, settings }: BreakerMoment): BreakerState {
  const { size, good, bad } = state.round;
  if (bad > 0 && bad * 100 >= settings.failurePercent * size) {
    // Other trials of the round may be under way, and it has been judged.
    return opened({ ...state, isForgiving: false, coolDownMs: longer(state.coolDownMs) }, now);
  }
  if (good + bad < size) return state;
  return size === breakerLimits.lastRound ? closed(state, now) : { ...state, round: { ...firstRound, size: size * 2 } };
}

function isTrial(state: BreakerState, beganAt: number): boolean {
  return state.name === 'half-open' && beganAt >= state.since;
}

function withPlaces(state: BreakerState, change: number): BreakerState {
  if (state.name !== 'half-open') return state;
  return { ...state, round: { ...state.round, begun: state.round.begun + change } };
}

function closed(state: BreakerState, now: number): BreakerState {
  return { ...closedBreaker, since: now, knowsProbes: state.knowsProbes };
}

function opened(state: BreakerState, now: number): BreakerState {
  const since = state.name === 'open' ? state.since : now;
  return { ...state, name: 'open', since, until: now + state.coolDownMs };
}

/** On the trunk's own word. */
function openedFor(state: BreakerState, durationMs: number, now: number): BreakerState {
  return { ...opened(state, now), until: now + durationMs, isForgiving: false };
}

function longer(coolDownMs: number): number {
  return Math.min(coolDownMs * 2, breakerLimits.maxCoolDownMs);
}

function same(state: BreakerState): BreakerStep {
  return { state, actions: [] };
}
