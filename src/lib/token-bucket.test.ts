import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { TokenBucket } from './token-bucket.ts';

/** Takes what there is every `tickMs` and returns how many were taken at each tick. */
function run(rate: number, tickMs: number, ticks: number): number[] {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, rate);
  const taken: number[] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    let count = 0;
    while (bucket.take()) count += 1;
    taken.push(count);
    clock.freeze(tickMs);
  }
  return taken;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

for (const rate of [1, 3, 7, 10, 33, 100, 1000]) {
  test(`token bucket: ${rate} a second, exactly, over a minute of ticks`, () => {
    const total = sum(run(rate, 50, 1201));
    assert.ok(total >= rate * 60 && total <= rate * 60 + 1, `${total}`);
  });
}

test('token bucket: no second has more than its rate and the burst', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 5, max: 400 }), (rate, tickMs) => {
      const taken = run(rate, tickMs, 400);
      const window = Math.ceil(1000 / tickMs);
      for (let from = 0; from + window <= taken.length; from += 1) {
        const inSecond = sum(taken.slice(from, from + window));
        assert.ok(inSecond <= rate * ((window * tickMs) / 1000) + 1 + rate * 0.1 + 1e-6, `${inSecond} at ${rate}/s`);
      }
    }),
    { numRuns: 50 },
  );
});

test('token bucket: a pause is not saved up', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, 100);
  clock.freeze(60_000);
  assert.equal(bucket.available, 11);
});

test('token bucket: starts with one, not with a burst', () => {
  assert.equal(new TokenBucket(new FakeClock(), 100).available, 1);
});

test('token bucket: rate 0 stops it, what was saved goes too', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, 100);
  clock.freeze(1000);
  bucket.setRate(0);
  clock.freeze(10_000);
  assert.equal(bucket.take(), false);
  bucket.setRate(10);
  assert.equal(bucket.take(), false);
  clock.freeze(100);
  assert.equal(bucket.take(), true);
});

test('token bucket: says how long the next one takes', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, 4);
  assert.equal(bucket.waitMs, 0);
  bucket.take();
  assert.equal(bucket.waitMs, 250);
  clock.freeze(100);
  assert.ok(Math.abs(bucket.waitMs - 150) < 1e-6);
  bucket.setRate(0);
  assert.equal(bucket.waitMs, Number.POSITIVE_INFINITY);
});
