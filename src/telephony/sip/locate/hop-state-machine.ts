import { assertNever } from '../../../lib/errors.ts';

/**
 * Whether a hop is worth asking first, as all requests together see it.
 *
 *                   asked                    failed
 *     +-[good] ------------> [asked] ---------------------> [set aside] <----+
 *     |    ^  ^     heard       |                               |            |
 *     |    |  +-----------------+                    its time   |            | failed: for twice
 *     |    |                                         is over,   |            | as long
 *     |    |        heard                            asked      v            |
 *     |    +------------------------------------------------ [on trial] -----+
 *     | failed (nobody else to ask: not noted as asked)
 *     +--------------------------------------------------------> [set aside]
 *
 * good       Nothing is known against it. This is the state of every hop that nobody has written down.
 * asked      Something was sent there since it was last heard. After a while of silence new requests ask the others first; those that wait
 *            go on waiting for timer B, for nobody knows what became of them.
 * set aside  It failed: asked only after all others, until its time is over. What fails in the meantime was sent before, or had no other
 *            way to go, and says nothing new; only a later Retry-After does.
 * on trial   Its time is over and one request is on its way there. The others pass it by until that one is answered.
 *
 * Any answer but a 503 leads back to good. A request that was given up before it was answered says nothing; what it was noted for lapses
 * when it would have failed.
 */
export type HopState =
  | { readonly name: 'good' }
  | { readonly name: 'asked'; readonly sinceMs: number }
  /** `spanMs`: for how long it was set aside the last time without its own word on it. */
  | { readonly name: 'failed'; readonly untilMs: number; readonly spanMs: number }
  | { readonly name: 'trial'; readonly sinceMs: number; readonly spanMs: number };

export type HopInput =
  /** A request goes there that could have gone elsewhere. */
  | { readonly type: 'asked'; readonly nowMs: number }
  /** No connection, no answer, or 503. `retryAfterMs`: what its Retry-After said; null: nothing. */
  | { readonly type: 'failed'; readonly retryAfterMs: number | null; readonly nowMs: number }
  /** An answer other than 503. */
  | { readonly type: 'heard' };

export type HopPatience = {
  /** How long an answer may take before a hop counts as silent. */
  readonly silentMs: number;
  /** When a request that is not answered has failed: timers B and F. */
  readonly giveUpMs: number;
};

export const goodHop: HopState = { name: 'good' };

const firstSpanMs = 30_000;
const maxSpanMs = 300_000;
/** A day of Retry-After is a mistake, or malice. */
const maxRetryAfterMs = 3_600_000;

export function stepHop(state: HopState, input: HopInput, patience: HopPatience): HopState {
  switch (input.type) {
    case 'heard':
      return goodHop;
    case 'asked':
      return asked(state, input.nowMs, patience);
    case 'failed':
      return failed(state, input);
    default:
      return assertNever(input);
  }
}

/** Whether it is asked after all others now. */
export function isSetAside(state: HopState, nowMs: number, { silentMs, giveUpMs }: HopPatience): boolean {
  switch (state.name) {
    case 'good':
      return false;
    case 'asked':
      return nowMs - state.sinceMs >= silentMs && nowMs - state.sinceMs <= giveUpMs;
    case 'failed':
      return nowMs < state.untilMs;
    case 'trial':
      return nowMs - state.sinceMs <= giveUpMs;
    default:
      return assertNever(state);
  }
}

function asked(state: HopState, nowMs: number, { giveUpMs }: HopPatience): HopState {
  switch (state.name) {
    case 'good':
      return { name: 'asked', sinceMs: nowMs };
    case 'asked':
    case 'trial':
      return nowMs - state.sinceMs <= giveUpMs ? state : { ...state, sinceMs: nowMs };
    case 'failed':
      // The last way that is left is no trial.
      return nowMs < state.untilMs ? state : { name: 'trial', sinceMs: nowMs, spanMs: state.spanMs };
    default:
      return assertNever(state);
  }
}

function failed(state: HopState, { nowMs, retryAfterMs }: Extract<HopInput, { type: 'failed' }>): HopState {
  const isAside = state.name === 'failed' && nowMs < state.untilMs;
  const previousMs = state.name === 'failed' || state.name === 'trial' ? state.spanMs : firstSpanMs / 2;
  if (retryAfterMs !== null) {
    // RFC 3261 section 21.5.4: nothing else is sent there for that long.
    const untilMs = nowMs + Math.min(retryAfterMs, maxRetryAfterMs);
    return { name: 'failed', untilMs: isAside ? Math.max(untilMs, state.untilMs) : untilMs, spanMs: previousMs };
  }
  if (isAside) return state;
  const spanMs = Math.min(previousMs * 2, maxSpanMs);
  return { name: 'failed', untilMs: nowMs + spanMs, spanMs };
}
