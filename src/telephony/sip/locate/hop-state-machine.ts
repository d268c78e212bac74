/**
 * Whether a hop is worth asking first.
 *
 *              failed                    its time is over
 *   [good] --------------> [set aside] -------------------> [on trial]
 *     ^                      |    ^                            |   |
 *     |      heard           |    |          failed:           |   |
 *     +----------------------+    +------- for twice as long --+   |
 *     |                         heard                              |
 *     +------------------------------------------------------------+
 *
 * good       Nothing is known against it. This is the state of every hop that nobody has written down.
 * set aside  It failed: asked only after all others, until its time is over. What fails in the meantime was sent before, or had no other
 *            way to go, and says nothing new; only a later Retry-After does. Any answer from it ends this.
 * on trial   Asked like the others again. It has no timer: it is what set aside has become by the clock.
 */
export type HopState =
  | { readonly name: 'good' }
  /** `spanMs`: for how long it was set aside the last time without its own word on it. Set aside before `untilMs`, on trial from then on. */
  | { readonly name: 'failed'; readonly untilMs: number; readonly spanMs: number };

export type HopInput =
  /** No connection, no answer, or 503. `retryAfterMs`: what its Retry-After said; null: nothing. */
  | { readonly type: 'failed'; readonly retryAfterMs: number | null; readonly nowMs: number }
  /** An answer other than 503. */
  | { readonly type: 'heard' };

export const goodHop: HopState = { name: 'good' };

const firstSpanMs = 30_000;
const maxSpanMs = 300_000;
/** A day of Retry-After is a mistake, or malice. */
const maxRetryAfterMs = 3_600_000;

export function stepHop(state: HopState, input: HopInput): HopState {
  if (input.type === 'heard') return goodHop;
  const { nowMs, retryAfterMs } = input;
  const isAside = state.name === 'failed' && nowMs < state.untilMs;
  const previousMs = state.name === 'failed' ? state.spanMs : firstSpanMs / 2;
  if (retryAfterMs !== null) {
    // RFC 3261 section 21.5.4: nothing else is sent there for that long.
    const untilMs = nowMs + Math.min(retryAfterMs, maxRetryAfterMs);
    return { name: 'failed', untilMs: isAside ? Math.max(untilMs, state.untilMs) : untilMs, spanMs: previousMs };
  }
  if (isAside) return state;
  const spanMs = Math.min(previousMs * 2, maxSpanMs);
  return { name: 'failed', untilMs: nowMs + spanMs, spanMs };
}

/** Whether it is asked after all others now. */
export function isSetAside(state: HopState, nowMs: number): boolean {
  return state.name === 'failed' && nowMs < state.untilMs;
}
