import { assertNever } from '../lib/errors.ts';

/**
 * How many POSTs at once one receiver is sent. Each app's is its own, so that none waits for another's.
 *
 *                 10 failures in a row
 *   flowing ------------------------------> down --+
 *     ^  | delivered, failed                 |  ^  | failed: the next probe a second later (stillDown)
 *     +--+                                   |  +--+
 *     ^                                      |
 *     +--------------------------------------+ delivered
 *
 * flowing: up to `limit` POSTs are under way. A prompt delivery while all of them were in use allows one more, up to the most there may be; one that was slow, or
 * failed, halves the limit, down to two: a receiver who needs ten seconds for each answer holds two connections, not sixty. Ends with failures, one after the other.
 *
 * down: the receiver is not there, or takes nothing. One POST at a time is a probe, with a report that is due anyway, at most one a second: the reports behind it keep their
 * tries, and nobody who comes back is met by all of them at once. What was under way before does not count as a probe, but what of it is delivered ends the state like
 * the probe's own delivery.
 */
export type LanePace = {
  readonly state: 'flowing' | 'down';
  /** POSTs at once. */
  readonly limit: number;
  readonly failuresInRow: number;
  /** When the next probe may leave, ms of the monotonic clock; meant for `down`. */
  readonly nextProbeAt: number;
  /** Since when it is down, ms of the monotonic clock; meant for `down`. */
  readonly downAt: number;
};

export type PaceInput = {
  readonly type: 'delivered' | 'failed';
  readonly tookMs: number;
  /** Whether as many were under way as may be. */
  readonly wasFull: boolean;
  /** Monotonic, ms. */
  readonly at: number;
};

/** `stillDown`: a probe has failed, the receiver having been down for so long. */
export type PaceAction =
  | { readonly type: 'wentDown' }
  | { readonly type: 'stillDown'; readonly forMs: number }
  | { readonly type: 'cameBack' };

export type PaceStep = { readonly pace: LanePace; readonly actions: readonly PaceAction[] };

const fewest = 2;
const firstLimit = 4;
const failuresUntilDown = 10;
const promptMs = 1000;

export const firstPace: LanePace = {
  ...{ state: 'flowing', limit: firstLimit, failuresInRow: 0 },
  ...{ nextProbeAt: 0, downAt: 0 },
};

export type PaceBounds = {
  /** POSTs at once, at most. */
  readonly most: number;
  /** A second; less where a test has shortened the schedule of tries. */
  readonly probeEveryMs: number;
};

export function step(pace: LanePace, input: PaceInput, bounds: PaceBounds): PaceStep {
  switch (pace.state) {
    case 'flowing':
      return stepFlowing(pace, input, bounds);
    case 'down':
      if (input.type === 'delivered') return { pace: firstPace, actions: [{ type: 'cameBack' }] };
      return {
        pace: { ...pace, nextProbeAt: input.at + bounds.probeEveryMs },
        actions: [{ type: 'stillDown', forMs: input.at - pace.downAt }],
      };
    default:
      return assertNever(pace.state);
  }
}

function stepFlowing(pace: LanePace, { type, tookMs, wasFull, at }: PaceInput, bounds: PaceBounds): PaceStep {
  const halved = Math.max(fewest, Math.floor(pace.limit / 2));
  if (type === 'failed') {
    const failuresInRow = pace.failuresInRow + 1;
    if (failuresInRow < failuresUntilDown) return { pace: { ...pace, limit: halved, failuresInRow }, actions: [] };
    const nextProbeAt = at + bounds.probeEveryMs;
    const down: LanePace = { state: 'down', limit: 1, failuresInRow: 0, nextProbeAt, downAt: at };
    return { pace: down, actions: [{ type: 'wentDown' }] };
  }
  const isPrompt = tookMs <= promptMs;
  const limit = !isPrompt ? halved : wasFull ? Math.min(bounds.most, pace.limit + 1) : pace.limit;
  return { pace: { ...pace, limit, failuresInRow: 0 }, actions: [] };
}
