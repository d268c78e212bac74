/**
 * The circuit of one trunk as this process sees it: pure, the caller runs the actions and brings the time (monotonic ms).
 *
 *                    bad x threshold, or bad and a silent probe
 *           +-------+ -----------------------------------------> +------+   tick, cool-down over   +---------+
 *   ------> | closed|                                            | open | -----------------------> | probing |
 *           +-------+ <----------------------------------------- +------+ <----------------------- +---------+
 *               ^                     good (from any state)          ^          probe: silent           | probe: answered,
 *               |                                                    | bad                              | or never answers any
 *               |                      good                    +-----------+                            |
 *               +--------------------------------------------- | half-open | <--------------------------+
 *                                                              +-----------+
 *
 * closed: calls go through; `failures` counts the bad ones in a row. With the first of them the trunk is suspect: a probe (OPTIONS) is sent, and until it is
 *   answered, or `suspectUntil` has passed, calls that failed are not given up, because it may be the trunk and not the number. If the probe
 *   stays silent on a trunk that has answered probes before, the circuit opens at once.
 * open: no calls until the cool-down is over; it doubles with each failed try, up to `maxCoolDownMs`. Bad ends of calls that were under way
 *   tell nothing new.
 * probing: a probe is on its way. A trunk that never answered one may not know OPTIONS, so its silence proves nothing, and the circuit goes half-open anyway.
 * half-open: one call may be tried (`hasTrial`); its end decides. A trial that ends neither good nor bad (we cancelled it) frees the place.
 *
 * good: the trunk did something with a call (ringing, answer, a refusal of the callee's). bad: an outcome that may try the next trunk.
 */
export type BreakerState = {
  readonly name: 'closed' | 'open' | 'probing' | 'half-open';
  readonly failures: number;
  readonly coolDownMs: number;
  /** open: when it is over. */
  readonly until: number;
  readonly suspectUntil: number;
  readonly hasTrial: boolean;
  /** Whether this trunk was ever seen to answer OPTIONS. */
  readonly knowsProbes: boolean;
  /** The last failure, for people; null: none since the last good call. */
  readonly reason: string | null;
};

export type BreakerInput =
  | { readonly type: 'good' }
  | { readonly type: 'bad'; readonly reason: string }
  /** A call was started in half-open. */
  | { readonly type: 'trial' }
  /** A call ended that says nothing about the trunk. */
  | { readonly type: 'neutral' }
  | { readonly type: 'probe-result'; readonly isAnswered: boolean }
  | { readonly type: 'tick' };

export type BreakerAction = { readonly type: 'probe' };

export type BreakerStep = { readonly state: BreakerState; readonly actions: readonly BreakerAction[] };

export const breakerLimits = { threshold: 5, suspectMs: 3000, firstCoolDownMs: 5000, maxCoolDownMs: 60_000 } as const;

export const closedBreaker: BreakerState = {
  name: 'closed',
  failures: 0,
  coolDownMs: breakerLimits.firstCoolDownMs,
  until: 0,
  suspectUntil: 0,
  hasTrial: false,
  knowsProbes: false,
  reason: null,
};

/** Whether a new call may go over the trunk. */
export function allowsCall(state: BreakerState): boolean {
  return state.name === 'closed' || (state.name === 'half-open' && !state.hasTrial);
}

/** Whether a call that just failed over the trunk should wait rather than be given up. */
export function isSuspect(state: BreakerState, now: number): boolean {
  return state.name !== 'closed' || (state.failures > 0 && now < state.suspectUntil);
}

export function stepBreaker(state: BreakerState, input: BreakerInput, now: number): BreakerStep {
  switch (input.type) {
    case 'good':
      return same({ ...closedBreaker, knowsProbes: state.knowsProbes });
    case 'bad':
      return onBad(state, input.reason, now);
    case 'trial':
      return same(state.name === 'half-open' ? { ...state, hasTrial: true } : state);
    case 'neutral':
      return same(state.name === 'half-open' ? { ...state, hasTrial: false } : state);
    case 'probe-result':
      return same(onProbeResult(state, input.isAnswered, now));
    case 'tick':
      if (state.name !== 'open' || now < state.until) return same(state);
      return { state: { ...state, name: 'probing' }, actions: [{ type: 'probe' }] };
  }
}

function onBad(state: BreakerState, reason: string, now: number): BreakerStep {
  switch (state.name) {
    case 'closed': {
      const failures = state.failures + 1;
      if (failures >= breakerLimits.threshold) return same(opened({ ...state, failures, reason }, now));
      const isFirst = failures === 1;
      const suspectUntil = isFirst ? now + breakerLimits.suspectMs : state.suspectUntil;
      return { state: { ...state, failures, reason, suspectUntil }, actions: isFirst ? [{ type: 'probe' }] : [] };
    }
    case 'half-open':
      return same(opened({ ...state, reason, coolDownMs: longer(state.coolDownMs) }, now));
    case 'open':
    case 'probing':
      return same({ ...state, reason });
  }
}

function onProbeResult(before: BreakerState, isAnswered: boolean, now: number): BreakerState {
  const state: BreakerState = { ...before, knowsProbes: before.knowsProbes || isAnswered };
  switch (state.name) {
    case 'closed':
      if (state.failures === 0) return state;
      if (isAnswered) return { ...state, suspectUntil: now };
      return state.knowsProbes ? opened(state, now) : state;
    case 'probing':
      if (isAnswered || !state.knowsProbes) return { ...state, name: 'half-open', hasTrial: false };
      return opened({ ...state, coolDownMs: longer(state.coolDownMs) }, now);
    case 'open':
    case 'half-open':
      return state;
  }
}

function opened(state: BreakerState, now: number): BreakerState {
  return { ...state, name: 'open', until: now + state.coolDownMs, hasTrial: false };
}

function longer(coolDownMs: number): number {
  return Math.min(coolDownMs * 2, breakerLimits.maxCoolDownMs);
}

function same(state: BreakerState): BreakerStep {
  return { state, actions: [] };
}
