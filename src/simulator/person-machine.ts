import { assertNever } from '../lib/errors.ts';
import type { Reaction } from './reaction.ts';

/*
 * One person's side of one call, as a pure machine that plays out a reaction.
 *
 *             ring timer                  answer timer             BYE of either side
 *   [reached] -----------> [ringing] -----------------> [talking] --------------------> [over]
 *       |                      |                                                          ^
 *       +----------------------+-- reject timer, or the caller's CANCEL ------------------+
 *
 * reached   The INVITE came; nothing but 100 has been said.
 * ringing   180 was sent. Waits for the reaction's time, or for the CANCEL.
 * talking   200 was sent. Once sound is heard, the reaction's key press and hang-up are timed from it.
 * over      Nothing more is done.
 */

export type PersonState = {
  readonly phase: 'reached' | 'ringing' | 'talking' | 'over';
  readonly hasHeardSound: boolean;
};

export type PersonInput =
  | { readonly type: 'reached' }
  | { readonly type: 'timer'; readonly name: PersonTimer }
  | { readonly type: 'sound-began' }
  /** CANCEL, BYE, or a lost call. */
  | { readonly type: 'over' };

export type PersonTimer = 'ring' | 'respond' | 'key' | 'hang-up';

export type PersonAction =
  | { readonly type: 'set-timer'; readonly name: PersonTimer; readonly delayMs: number }
  | { readonly type: 'cancel-timers' }
  | { readonly type: 'ring' }
  | { readonly type: 'answer' }
  | { readonly type: 'reject'; readonly status: number; readonly reason: string }
  | { readonly type: 'press'; readonly digit: string }
  | { readonly type: 'hang-up' };

export type PersonStep = { readonly state: PersonState; readonly actions: readonly PersonAction[] };

export const initialPersonState: PersonState = { phase: 'reached', hasHeardSound: false };

/** One input. What comes too late for its phase is ignored. */
export function stepPerson(state: PersonState, input: PersonInput, reaction: Reaction): PersonStep {
  switch (input.type) {
    case 'reached':
      return { state, actions: onReached(reaction) };
    case 'timer':
      return onTimer(state, input.name, reaction);
    case 'sound-began':
      if (state.phase !== 'talking' || state.hasHeardSound) return { state, actions: [] };
      return { state: { ...state, hasHeardSound: true }, actions: onSound(reaction) };
    case 'over':
      return { state: { ...state, phase: 'over' }, actions: [{ type: 'cancel-timers' }] };
    default:
      return assertNever(input);
  }
}

function onReached(reaction: Reaction): PersonAction[] {
  if (reaction.ringAfterMs !== null) return [{ type: 'set-timer', name: 'ring', delayMs: reaction.ringAfterMs }];
  return respondLater(reaction);
}

function respondLater(reaction: Reaction): PersonAction[] {
  if (reaction.response.type === 'wait') return [];
  return [{ type: 'set-timer', name: 'respond', delayMs: reaction.response.afterMs }];
}

function onTimer(state: PersonState, name: PersonTimer, reaction: Reaction): PersonStep {
  switch (name) {
    case 'ring':
      if (state.phase !== 'reached') return { state, actions: [] };
      return { state: { ...state, phase: 'ringing' }, actions: [{ type: 'ring' }, ...respondLater(reaction)] };
    case 'respond':
      return respond(state, reaction);
    case 'key':
      if (state.phase !== 'talking' || reaction.key === null) return { state, actions: [] };
      return { state, actions: [{ type: 'press', digit: reaction.key.digit }] };
    case 'hang-up':
      if (state.phase !== 'talking') return { state, actions: [] };
      return { state: { ...state, phase: 'over' }, actions: [{ type: 'cancel-timers' }, { type: 'hang-up' }] };
    default:
      return assertNever(name);
  }
}

function respond(state: PersonState, reaction: Reaction): PersonStep {
  if (state.phase !== 'reached' && state.phase !== 'ringing') return { state, actions: [] };
  if (reaction.response.type === 'answer')
    return { state: { ...state, phase: 'talking' }, actions: [{ type: 'answer' }] };
  if (reaction.response.type === 'wait') return { state, actions: [] };
  const { status, reason } = reaction.response;
  return { state: { ...state, phase: 'over' }, actions: [{ type: 'reject', status, reason }] };
}

function onSound(reaction: Reaction): PersonAction[] {
  const actions: PersonAction[] = [];
  if (reaction.key !== null) actions.push({ type: 'set-timer', name: 'key', delayMs: reaction.key.afterSoundMs });
  if (reaction.hangUpAfterSoundMs !== null) {
    actions.push({ type: 'set-timer', name: 'hang-up', delayMs: reaction.hangUpAfterSoundMs });
  }
  return actions;
}
