import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Random } from '../../../lib/random.ts';
import { refreshDelayMs, retryDelayMs } from './refresh-delay.ts';

const fixed = (value: number): Random => ({ float: () => value, hex: () => '' });
const bounds = (expiresS: number): number[] =>
  [0.999_999, 0].map((value) => Math.round(refreshDelayMs(expiresS, fixed(value)) / 1000));

test('a refresh comes well before the end, and not in the first half but for a tenth', () => {
  assert.deepEqual(bounds(3600), [2916, 3240]);
  assert.deepEqual(bounds(300), [234, 260]);
  assert.deepEqual(bounds(60), [27, 30]);
});

test('a binding of a second is not refreshed a thousand times an hour', () => {
  assert.deepEqual(bounds(1), [5, 5]);
});

test('a retry waits between half and all of its time, and never less than was asked for', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.nat(100_000),
      fc.nat(100_000),
      (value, nominal, least) => {
        const delay = retryDelayMs(nominal, least, fixed(value));
        assert.ok(delay >= least && delay >= nominal / 2);
        assert.ok(delay <= Math.max(nominal, least + nominal / 2));
      },
    ),
  );
});
