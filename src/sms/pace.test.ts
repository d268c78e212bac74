import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { Pace } from './pace.ts';

/** Takes `count` turns and counts who is in. */
function crowd(pace: Pace, count: number): { isIn: number; isOut: number } {
  const seen = { isIn: 0, isOut: 0 };
  for (let index = 0; index < count; index += 1) {
    void pace.turn().then((isIn) => {
      if (isIn) seen.isIn += 1;
      else seen.isOut += 1;
    });
  }
  return seen;
}

test('so many a second, evenly, and the first at once', async () => {
  const clock = new FakeClock();
  const seen = crowd(new Pace(clock, 10), 100);
  await clock.advance(0);
  assert.equal(seen.isIn, 1);
  await clock.advance(499);
  assert.equal(seen.isIn, 5);
  await clock.advance(4500);
  assert.equal(seen.isIn, 50);
});

test('a pause is not made up for', async () => {
  const clock = new FakeClock();
  const pace = new Pace(clock, 100);
  await clock.advance(10_000);
  const seen = crowd(pace, 100);
  await clock.advance(0);
  assert.equal(seen.isIn, 1);
  await clock.advance(50);
  assert.equal(seen.isIn, 6);
});

test('closing sends away who waits and who comes', async () => {
  const clock = new FakeClock();
  const pace = new Pace(clock, 1);
  const seen = crowd(pace, 3);
  await clock.advance(0);
  pace.close();
  const late = crowd(pace, 1);
  await clock.advance(0);
  assert.deepEqual(
    [seen, late],
    [
      { isIn: 1, isOut: 2 },
      { isIn: 0, isOut: 1 },
    ],
  );
  assert.equal(clock.pendingTimers, 0);
});
