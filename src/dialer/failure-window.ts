/** How the calls of the last while went: counts in slices of time, the oldest first. Times are monotonic ms. */
export type FailureWindow = readonly WindowSlice[];

type WindowSlice = { readonly beganAt: number; readonly calls: number; readonly failures: number };

export const windowLimits = {
  /** How far back it reaches, ms. */
  lengthMs: 60_000,
  sliceMs: 5_000,
  /** Fewer calls than this say nothing about a share. */
  leastCalls: 20,
} as const;

export const emptyWindow: FailureWindow = [];

/** With one more call that ended; what is too old is left out. */
export function countCall(window: FailureWindow, isFailure: boolean, now: number): FailureWindow {
  const failures = isFailure ? 1 : 0;
  const last = window.at(-1);
  if (last !== undefined && now < last.beganAt + windowLimits.sliceMs) {
    return [...window.slice(0, -1), { ...last, calls: last.calls + 1, failures: last.failures + failures }];
  }
  return [...window.filter((slice) => isRecent(slice, now)), { beganAt: now, calls: 1, failures }];
}

/** How many calls ended within the window, and how many of them failed. */
export function callsIn(window: FailureWindow, now: number): { readonly calls: number; readonly failures: number } {
  let [calls, failures] = [0, 0];
  for (const slice of window) {
    if (!isRecent(slice, now)) continue;
    calls += slice.calls;
    failures += slice.failures;
  }
  return { calls, failures };
}

/** Whether so many of the calls failed, and there were enough of them to tell. */
export function isShareReached(window: FailureWindow, percent: number, now: number): boolean {
  const { calls, failures } = callsIn(window, now);
  return calls >= windowLimits.leastCalls && failures * 100 >= percent * calls;
}

function isRecent(slice: WindowSlice, now: number): boolean {
  return now - slice.beganAt < windowLimits.lengthMs;
}
