import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from './clock.ts';
import { delay } from './delay.ts';

/** A clock whose only timer is rung by hand. */
function handClock(): { clock: Clock; ring: () => void; isCancelled: () => boolean; delays: number[] } {
  let callback: () => void = () => undefined;
  let isCancelled = false;
  const delays: number[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimer(run, delayMs) {
      callback = run;
      delays.push(delayMs);
      return {
        cancel: () => {
          isCancelled = true;
        },
      };
    },
  };
  return { clock, ring: () => callback(), isCancelled: () => isCancelled, delays };
}

test('resolves when the timer rings', async () => {
  const { clock, ring, delays } = handClock();
  const waiting = delay(clock, 250);
  ring();
  await waiting;
  assert.deepEqual(delays, [250]);
});

test('an abort rejects with its reason and cancels the timer', async () => {
  const { clock, isCancelled } = handClock();
  const controller = new AbortController();
  const waiting = delay(clock, 250, controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.equal(isCancelled(), true);
});

test('an abort before the start sets no timer', async () => {
  const { clock, delays } = handClock();
  await assert.rejects(delay(clock, 250, AbortSignal.abort(new Error('too late'))), /too late/);
  assert.deepEqual(delays, []);
});
