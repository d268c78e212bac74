import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speedFor } from './speed.ts';

test('the normal rate is espeak-ng unchanged', () => {
  assert.deepEqual(speedFor(1), { wordsPerMinute: 175, stretch: 1 });
});

for (const [rate, wordsPerMinute] of [
  [0.25, 80],
  [0.4, 80],
  [0.5, 88],
  [2, 350],
  [2.5, 438],
  [3, 450],
  [4, 450],
] as const) {
  test(`rate ${rate} is spoken at ${wordsPerMinute} words per minute and stretched to the rate`, () => {
    const speed = speedFor(rate);
    assert.equal(speed.wordsPerMinute, wordsPerMinute);
    const reached = speed.wordsPerMinute / speed.stretch / 175;
    assert.ok(Math.abs(reached / rate - 1) <= 0.02, `reached ${reached}`);
  });
}
