import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackoff } from './backoff.ts';
import type { Random } from './random.ts';

const always = (value: number): Random => ({ float: () => value, hex: () => '' });

test('delays double up to the cap', () => {
  const backoff = createBackoff({ firstMs: 100, maxMs: 1000, random: always(1) });
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map(() => backoff.next()),
    [100, 200, 400, 800, 1000, 1000],
  );
});

test('jitter takes away at most half', () => {
  const backoff = createBackoff({ firstMs: 100, maxMs: 1000, random: always(0) });
  assert.deepEqual([backoff.next(), backoff.next()], [50, 100]);
});

test('reset starts over', () => {
  const backoff = createBackoff({ firstMs: 10, maxMs: 1000, factor: 10, random: always(1) });
  backoff.next();
  assert.equal(backoff.next(), 100);
  backoff.reset();
  assert.equal(backoff.next(), 10);
});
