/**
 * What happens inside an answered call: pure, without clock or I/O. The caller runs the actions.
 *
 *                answered            delay-play           play-ended              delay-hangup
 *   waiting ----------------> delaying ---------> playing ----------> lingering -------------> hanging-up ---> over
 *      |                         |                   |                    |                        |    ended
 *      |                         +------- max-call ---+--------------------+----------------------->|
 *      +---------------------------------- ended (from any state) -------------------------------------------> over
 *
 * waiting: the call is not answered. Only `answered` or `ended` may come; digits are not the callee's (they would be in early media) and are dropped.
 * delaying: answered, silence for `delayPlayMs`. Skipped when that is 0. Digits count from here on.
 * playing: the prompt plays `loopCount` times. Keys do not stop it. The engine ends the state, also when it could not play to the end.
 * lingering: silence for `delayHangupMs`, so that a key pressed after the last word still counts. Skipped when that is 0.
 * hanging-up: the BYE is on its way. Digits that still arrive count. The far side's answer, or its own hang-up, ends it.
 * over: the leg has ended; nothing is expected any more and everything is ignored.
 *
 * `maxCallMs` runs from the answer through all states and hangs up whatever happens.
 */
export type ScriptState = {
  readonly name: 'waiting' | 'delaying' | 'playing' | 'lingering' | 'hanging-up' | 'over';
  readonly plan: ScriptPlan;
  /** All keys pressed, in order, at most {@link maxDigits}. The first one is the feedback value. */
  readonly digits: string;
};

/** What the task asks for, in milliseconds. */
export type ScriptPlan = {
  readonly delayPlayMs: number;
  readonly loopCount: number;
  readonly delayHangupMs: number;
  readonly maxCallMs: number;
};

export type ScriptTimer = 'delay-play' | 'delay-hangup' | 'max-call';

export type ScriptInput =
  | { readonly type: 'answered' }
  | { readonly type: 'timer'; readonly timer: ScriptTimer }
  | { readonly type: 'play-ended' }
  | { readonly type: 'digit'; readonly digit: string }
  | { readonly type: 'ended' };

export type ScriptAction =
  | { readonly type: 'set-timer'; readonly timer: ScriptTimer; readonly afterMs: number }
  | { readonly type: 'play'; readonly loopCount: number }
  | { readonly type: 'hang-up' }
  /** All timers of this script are void. */
  | { readonly type: 'cancel-timers' };

export type ScriptStep = { readonly state: ScriptState; readonly actions: readonly ScriptAction[] };

/** More keys than this in one call are a stuck key or a broken far side. */
export const maxDigits = 64;

export function startScript(plan: ScriptPlan): ScriptState {
  return { name: 'waiting', plan, digits: '' };
}

/** The first key pressed; null: none. */
export function feedbackValueOf(state: ScriptState): string | null {
  return state.digits === '' ? null : state.digits.charAt(0);
}

export function stepScript(state: ScriptState, input: ScriptInput): ScriptStep {
  switch (input.type) {
    case 'answered':
      return state.name === 'waiting' ? onAnswer(state) : ignored(state);
    case 'digit':
      return { state: withDigit(state, input.digit), actions: [] };
    case 'play-ended':
      // In any other state it is the echo of a hang-up that stopped the playing.
      return state.name === 'playing' ? linger(state) : ignored(state);
    case 'timer':
      return onTimer(state, input.timer);
    case 'ended':
      if (state.name === 'over') return ignored(state);
      return { state: { ...state, name: 'over' }, actions: [{ type: 'cancel-timers' }] };
  }
}

function onAnswer(state: ScriptState): ScriptStep {
  const { plan } = state;
  const limit: ScriptAction = { type: 'set-timer', timer: 'max-call', afterMs: plan.maxCallMs };
  if (plan.delayPlayMs > 0) {
    const delay: ScriptAction = { type: 'set-timer', timer: 'delay-play', afterMs: plan.delayPlayMs };
    return { state: { ...state, name: 'delaying' }, actions: [limit, delay] };
  }
  const playing = play(state);
  return { state: playing.state, actions: [limit, ...playing.actions] };
}

function onTimer(state: ScriptState, timer: ScriptTimer): ScriptStep {
  switch (timer) {
    case 'delay-play':
      return state.name === 'delaying' ? play(state) : ignored(state);
    case 'delay-hangup':
      return state.name === 'lingering' ? hangUp(state) : ignored(state);
    case 'max-call':
      // A timer may fire in the moment in which it was cancelled.
      if (state.name === 'waiting' || state.name === 'hanging-up' || state.name === 'over') return ignored(state);
      return hangUp(state);
  }
}

function play(state: ScriptState): ScriptStep {
  return { state: { ...state, name: 'playing' }, actions: [{ type: 'play', loopCount: state.plan.loopCount }] };
}

function linger(state: ScriptState): ScriptStep {
  if (state.plan.delayHangupMs === 0) return hangUp(state);
  const action: ScriptAction = { type: 'set-timer', timer: 'delay-hangup', afterMs: state.plan.delayHangupMs };
  return { state: { ...state, name: 'lingering' }, actions: [action] };
}

function hangUp(state: ScriptState): ScriptStep {
  return { state: { ...state, name: 'hanging-up' }, actions: [{ type: 'cancel-timers' }, { type: 'hang-up' }] };
}

function withDigit(state: ScriptState, digit: string): ScriptState {
  if (state.name === 'waiting' || state.name === 'over') return state;
  if (!/^[0-9*#A-D]$/.test(digit) || state.digits.length >= maxDigits) return state;
  return { ...state, digits: state.digits + digit };
}

function ignored(state: ScriptState): ScriptStep {
  return { state, actions: [] };
}
