import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MemorySample, trendOf } from './memory-trend.ts';

function samples(heapMb: (minute: number) => number): MemorySample[] {
  return Array.from({ length: 61 }, (_, index) => ({ atS: index * 10, rssMb: 100, heapMb: heapMb(index / 6) }));
}

test('a constant figure is flat, whatever it did while warming up', () => {
  const warming = samples((minute) => (minute < 1 ? 10 + 40 * minute : 50));
  assert.deepEqual(trendOf(warming, 'heapMb', 60), { meanMb: 50, slopeMbPerMinute: 0, growth: 0, isFlat: true });
});

test('noise without a trend is flat', () => {
  const { isFlat } = trendOf(
    samples((minute) => 50 + 5 * Math.sin(minute * 20)),
    'heapMb',
    60,
  );
  assert.ok(isFlat);
});

test('a leak of one megabyte a minute is seen below the same noise', () => {
  const trend = trendOf(
    samples((minute) => 50 + minute + 5 * Math.sin(minute * 20)),
    'heapMb',
    60,
  );
  assert.ok(!trend.isFlat);
  assert.ok(Math.abs(trend.slopeMbPerMinute - 1) < 0.2, `${trend.slopeMbPerMinute}`);
});

test('too few samples are no trend', () => {
  assert.throws(() => trendOf(samples(() => 1).slice(0, 8), 'heapMb', 70), /too few/);
});
