import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsIn, countCall, emptyWindow, type FailureWindow, isShareReached, windowLimits } from './failure-window.ts';

/** One call a second from 0 on; every third fails. */
function after(seconds: number): FailureWindow {
  let window = emptyWindow;
  for (let s = 0; s < seconds; s += 1) window = countCall(window, s % 3 === 0, s * 1000);
  return window;
}

test('counts the calls of the last minute, by slices', () => {
  assert.deepEqual(callsIn(after(30), 30_000), { calls: 30, failures: 10 });
  assert.deepEqual(callsIn(after(600), 599_000), { calls: 60, failures: 20 });
  assert.deepEqual(callsIn(after(30), 62_000), { calls: 25, failures: 8 });
  assert.deepEqual(callsIn(after(30), 90_000), { calls: 0, failures: 0 });
});

test('stays small however many calls there are', () => {
  assert.ok(after(3600).length <= windowLimits.lengthMs / windowLimits.sliceMs);
});

test('a share needs enough calls, and is reached at its very number', () => {
  const now = 19_000;
  assert.equal(isShareReached(after(19), 1, now), false);
  assert.equal(isShareReached(after(20), 35, now), true);
  assert.equal(isShareReached(after(20), 36, now), false);
});
