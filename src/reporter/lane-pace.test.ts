import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPace, type LanePace, type PaceInput, step } from './lane-pace.ts';

const most = 64;
const bounds = { most, probeEveryMs: 1000 };
const at = 5000;
const prompt: PaceInput = { type: 'delivered', tookMs: 20, wasFull: true, at };
const slow: PaceInput = { type: 'delivered', tookMs: 4000, wasFull: true, at };
const failed: PaceInput = { type: 'failed', tookMs: 20, wasFull: true, at };

function after(pace: LanePace, inputs: readonly PaceInput[]): LanePace {
  return inputs.reduce((current, input) => step(current, input, bounds).pace, pace);
}
const times = (count: number, input: PaceInput): PaceInput[] => Array.from({ length: count }, () => input);

test('pace: grows one by one while all of it is used, up to the most', () => {
  assert.equal(after(firstPace, times(3, prompt)).limit, firstPace.limit + 3);
  assert.equal(after(firstPace, times(3, { ...prompt, wasFull: false })).limit, firstPace.limit);
  assert.equal(after(firstPace, times(200, prompt)).limit, most);
});

test('pace: slow answers and failures halve it, and leave two', () => {
  const fast = after(firstPace, times(60, prompt));
  assert.equal(after(fast, [slow]).limit, 32);
  assert.equal(after(fast, [failed]).limit, 32);
  assert.equal(after(fast, times(9, slow)).limit, 2);
  assert.equal(after(fast, times(9, slow)).state, 'flowing');
});

test('pace: ten failures in a row are a receiver that is down, nine and a delivery are not', () => {
  assert.equal(after(firstPace, [...times(9, failed), prompt, ...times(9, failed)]).state, 'flowing');
  const ninth = after(firstPace, times(9, failed));
  const tenth = step(ninth, failed, bounds);
  assert.deepEqual(tenth.actions, [{ type: 'wentDown' }]);
  assert.deepEqual(tenth.pace, { state: 'down', limit: 1, failuresInRow: 0, nextProbeAt: at + 1000, downAt: at });
});

test('pace: down, a failure puts the next probe off, a delivery begins anew', () => {
  const down = after(firstPace, times(10, failed));
  const probed = step(down, { ...failed, at: at + 1500 }, bounds);
  assert.deepEqual(probed, {
    pace: { ...down, nextProbeAt: at + 2500 },
    actions: [{ type: 'stillDown', forMs: 1500 }],
  });
  const back = step(probed.pace, { ...slow, at: at + 2600 }, bounds);
  assert.deepEqual(back, { pace: firstPace, actions: [{ type: 'cameBack' }] });
});
