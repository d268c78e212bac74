/**
 * What happens inside an answered call: pure, without clock or I/O. The caller runs the actions.
 *
 *                answered                          delay-play           play-ended              delay-hangup
 *   waiting -+-----------------------> delaying ------------> playing ----------> lingering -------------> hanging-up ---> over
 *            |                           ^  |                  ^  |                   |                        ^     ended
 *            |    answered, detection    |  |                  |  |                   |                        |
 *            +-----------> listening ----+--(------------------+  |                   |                        |
 *                             | a person, |                    |  |                   |                        |
 *                             | or 2.5 s  |                    |  |                   |                        |
 *                             +-----------+-- a machine -------(--+-------------------+-- hang up -------------+
 *                                                 |            |                                               |
 *                                                 v leave it   | beep, silence, beep-limit                     |
 *                                            awaiting-beep ----+                                               |
 *                                                                        max-call from any of these -----------+
 *
 * waiting: the call is not answered. Only `answered` or `ended` may come; digits are not the callee's (they would be in early media) and are dropped.
 * listening: answered, and nothing is played until it is known who answered, or {@link mostListenMs} have passed: a person waits no longer. `delayPlayMs` runs at the same
 *   time. Skipped when `onMachine` is `ignore`.
 * delaying: answered, silence for `delayPlayMs`. Skipped when that is 0. Digits count from here on.
 * playing: the prompt plays `loopCount` times. Keys do not stop it. The engine ends the state, also when it could not play to the end.
 * lingering: silence for `delayHangupMs`, so that a key pressed after the last word still counts. Skipped when that is 0.
 * awaiting-beep: a machine answered, which is to get the message: what played was stopped, and the prompt begins anew when the machine records, or after {@link beepLimitMs}.
 * hanging-up: the BYE is on its way. Digits that still arrive count. The far side's answer, or its own hang-up, ends it.
 * over: the leg has ended; nothing is expected any more and everything is ignored.
 *
 * A machine that is recognized late, in delaying, playing or lingering, still is one: it is hung up on, or the message begins anew after its beep.
 * `maxCallMs` runs from the answer through all states and hangs up whatever happens.
 */
export type ScriptState = {
  readonly name:
    | 'waiting'
    | 'listening'
    | 'delaying'
    | 'playing'
    | 'lingering'
    | 'awaiting-beep'
    | 'hanging-up'
    | 'over';
  readonly plan: ScriptPlan;
  /** All keys pressed, in order, at most {@link maxDigits}. The first one is the feedback value. */
  readonly digits: string;
  /** `delayPlayMs` have passed. */
  readonly isDelayOver: boolean;
  readonly answerer: 'person' | 'machine';
  /** What was done with a machine; null: nothing yet. */
  readonly machineDone: MachineDone | null;
  /** Playbacks that were stopped and whose `play-ended` is still to come. */
  readonly stoppedPlays: number;
};

/** What is done with a machine: hung up on, or left the message after its beep, after its silence, or after {@link beepLimitMs} without either. */
export type MachineDone = 'hung up' | 'message after beep' | 'message after silence' | 'message after time limit';

/** What the task asks for, in milliseconds. */
export type ScriptPlan = {
  readonly delayPlayMs: number;
  readonly loopCount: number;
  readonly delayHangupMs: number;
  readonly maxCallMs: number;
  /** `ignore`: nobody listens for a machine. */
  readonly onMachine: 'ignore' | 'hang-up' | 'leave-message';
};

export type ScriptTimer = 'listen' | 'delay-play' | 'delay-hangup' | 'beep-limit' | 'max-call';

export type ScriptInput =
  | { readonly type: 'answered' }
  | { readonly type: 'timer'; readonly timer: ScriptTimer }
  /** As in the leg's events. */
  | { readonly type: 'answerer'; readonly result: 'person' | 'machine' | 'unsure'; readonly hasMailbox: boolean }
  | { readonly type: 'machine-records'; readonly after: 'beep' | 'silence' }
  | { readonly type: 'play-ended' }
  | { readonly type: 'digit'; readonly digit: string }
  | { readonly type: 'ended' };

export type ScriptAction =
  /** Replaces a timer of the same name. */
  | { readonly type: 'set-timer'; readonly timer: ScriptTimer; readonly afterMs: number }
  | { readonly type: 'play'; readonly loopCount: number }
  | { readonly type: 'stop-play' }
  | { readonly type: 'hang-up' }
  /** All timers of this script are void. */
  | { readonly type: 'cancel-timers' };

export type ScriptStep = { readonly state: ScriptState; readonly actions: readonly ScriptAction[] };

/** More keys than this in one call are a stuck key or a broken far side. */
export const maxDigits = 64;

/** A person who has answered hears the prompt after this long at the latest, whoever it may be. */
export const mostListenMs = 2500;

/** Greetings are shorter than this; the rest of the call is for the message. */
export const beepLimitMs = 45_000;

export function startScript(plan: ScriptPlan): ScriptState {
  return {
    name: 'waiting',
    plan,
    digits: '',
    isDelayOver: plan.delayPlayMs === 0,
    answerer: 'person',
    machineDone: null,
    stoppedPlays: 0,
  };
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
      return onPlayEnded(state);
    case 'answerer':
      return input.result === 'machine' ? onMachine(state, input.hasMailbox) : onPerson(state);
    case 'machine-records':
      return state.name === 'awaiting-beep' ? leaveMessage(state, `message after ${input.after}`) : ignored(state);
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
  const delay: ScriptAction[] =
    plan.delayPlayMs > 0 ? [{ type: 'set-timer', timer: 'delay-play', afterMs: plan.delayPlayMs }] : [];
  if (plan.onMachine !== 'ignore') {
    const listen: ScriptAction = { type: 'set-timer', timer: 'listen', afterMs: mostListenMs };
    return { state: { ...state, name: 'listening' }, actions: [limit, ...delay, listen] };
  }
  const begun = begin(state);
  return { state: begun.state, actions: [limit, ...delay, ...begun.actions] };
}

function onTimer(state: ScriptState, timer: ScriptTimer): ScriptStep {
  switch (timer) {
    case 'listen':
      return onPerson(state);
    case 'delay-play':
      if (state.name === 'listening') return { state: { ...state, isDelayOver: true }, actions: [] };
      return state.name === 'delaying' ? play(state) : ignored(state);
    case 'delay-hangup':
      return state.name === 'lingering' ? hangUp(state) : ignored(state);
    case 'beep-limit':
      return state.name === 'awaiting-beep' ? leaveMessage(state, 'message after time limit') : ignored(state);
    case 'max-call':
      // A timer may fire in the moment in which it was cancelled.
      if (state.name === 'waiting' || state.name === 'hanging-up' || state.name === 'over') return ignored(state);
      return hangUp(state);
  }
}

/** A person, or nobody who could be told to be a machine. Told late, it changes nothing: the prompt plays already. */
function onPerson(state: ScriptState): ScriptStep {
  return state.name === 'listening' ? begin(state) : ignored(state);
}

function onMachine(state: ScriptState, hasMailbox: boolean): ScriptStep {
  switch (state.name) {
    case 'waiting':
    case 'awaiting-beep':
    case 'hanging-up':
    case 'over':
      return ignored(state);
    case 'listening':
    case 'delaying':
    case 'playing':
    case 'lingering':
      // While it gets the message it is known already.
      return state.answerer === 'machine' ? ignored(state) : treatMachine(state, hasMailbox);
  }
}

function treatMachine(state: ScriptState, hasMailbox: boolean): ScriptStep {
  const known: ScriptState = { ...state, answerer: 'machine' };
  switch (state.plan.onMachine) {
    case 'ignore':
      return ignored(state);
    case 'hang-up':
      return hangUp({ ...known, machineDone: 'hung up' });
    case 'leave-message':
      return hasMailbox ? awaitBeep(known) : hangUp({ ...known, machineDone: 'hung up' });
  }
}

function awaitBeep(state: ScriptState): ScriptStep {
  const limit: ScriptAction = { type: 'set-timer', timer: 'beep-limit', afterMs: beepLimitMs };
  if (state.name !== 'playing') return { state: { ...state, name: 'awaiting-beep' }, actions: [limit] };
  const stopped: ScriptState = { ...state, name: 'awaiting-beep', stoppedPlays: state.stoppedPlays + 1 };
  return { state: stopped, actions: [{ type: 'stop-play' }, limit] };
}

function leaveMessage(state: ScriptState, machineDone: MachineDone): ScriptStep {
  return play({ ...state, machineDone });
}

function onPlayEnded(state: ScriptState): ScriptStep {
  // Each playback ends once, in order: those that were stopped end before what came after them.
  if (state.stoppedPlays > 0) return ignored({ ...state, stoppedPlays: state.stoppedPlays - 1 });
  // In any other state it is the echo of a hang-up that stopped the playing.
  return state.name === 'playing' ? linger(state) : ignored(state);
}

function begin(state: ScriptState): ScriptStep {
  return state.isDelayOver ? play(state) : { state: { ...state, name: 'delaying' }, actions: [] };
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
