import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, type SpanCounts, totalOf } from './page-place.ts';

const counts: SpanCounts = {
  head: 3,
  hours: [
    { hour: 7200, calls: 10, days: ['2026-11-26'] },
    { hour: 3600, calls: 5, days: ['2026-11-26', '2026-11-20'] },
    { hour: 0, calls: 2, days: ['2026-11-19'] },
  ],
  tail: 4,
};

test('a place is found by what comes before it', () => {
  const cases: [offset: number, place: unknown][] = [
    [0, { part: 'head', skip: 0 }],
    [2, { part: 'head', skip: 2 }],
    [3, { part: 'hour', hour: 7200, skip: 0, days: ['2026-11-26'] }],
    [10, { part: 'hour', hour: 7200, skip: 7, days: ['2026-11-26'] }],
    [11, { part: 'hour', hour: 7200, skip: 8, days: ['2026-11-26', '2026-11-20'] }],
    [13, { part: 'hour', hour: 3600, skip: 0, days: ['2026-11-26', '2026-11-20'] }],
    [16, { part: 'hour', hour: 3600, skip: 3, days: ['2026-11-26', '2026-11-20', '2026-11-19'] }],
    // The page reaches into the tail, of which no days are known.
    [18, { part: 'hour', hour: 0, skip: 0, days: null }],
    [20, { part: 'tail', skip: 0 }],
    [23, { part: 'tail', skip: 3 }],
    [24, null],
  ];
  assert.equal(totalOf(counts), 24);
  for (const [offset, place] of cases) assert.deepEqual(placeOf(counts, offset, 3), place, `offset ${offset}`);
});

test('without records there is no place', () => {
  assert.equal(placeOf({ head: 0, hours: [], tail: 0 }, 0, 25), null);
});
