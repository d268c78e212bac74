import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, type SpanCounts, totalOf } from './page-place.ts';

const seven = { hour: 7200, calls: 10, days: ['2026-11-26'] };
const six = { hour: 3600, calls: 5, days: ['2026-11-26', '2026-11-20'] };
const five = { hour: 0, calls: 2, days: ['2026-11-19'] };
const counts: SpanCounts = {
  head: { calls: 3, days: ['2026-11-27'] },
  hours: [seven, six, five],
  tail: { calls: 4, days: ['2026-11-18'] },
};

test('a place is found by what comes before it', () => {
  const cases: [offset: number, place: unknown][] = [
    [0, { part: 'head', skip: 0, days: ['2026-11-27'] }],
    [2, { part: 'head', skip: 2, days: ['2026-11-27', '2026-11-26'] }],
    [3, { part: seven, skip: 0, days: ['2026-11-26'] }],
    [10, { part: seven, skip: 7, days: ['2026-11-26'] }],
    [11, { part: seven, skip: 8, days: ['2026-11-26', '2026-11-20'] }],
    [13, { part: six, skip: 0, days: ['2026-11-26', '2026-11-20'] }],
    [16, { part: six, skip: 3, days: ['2026-11-26', '2026-11-20', '2026-11-19'] }],
    [18, { part: five, skip: 0, days: ['2026-11-19', '2026-11-18'] }],
    [20, { part: 'tail', skip: 0, days: ['2026-11-18'] }],
    [23, { part: 'tail', skip: 3, days: ['2026-11-18'] }],
    [24, null],
  ];
  assert.equal(totalOf(counts), 24);
  for (const [offset, place] of cases) assert.deepEqual(placeOf(counts, offset, 3), place, `offset ${offset}`);
});

test('without records there is no place', () => {
  const nothing = { calls: 0, days: [] };
  assert.equal(placeOf({ head: nothing, hours: [], tail: nothing }, 0, 25), null);
});
