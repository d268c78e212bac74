import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isInsideWindows } from './windows.ts';

const office = [{ start: '09:00', end: '18:00' }];
const night = [{ start: '22:30', end: '06:00' }];

test('windows by wall clock', () => {
  const cases: [string, typeof office, string, boolean][] = [
    ['2026-05-04T01:00:00Z', office, 'Asia/Shanghai', true],
    ['2026-05-04T00:59:59Z', office, 'Asia/Shanghai', false],
    ['2026-05-04T09:59:59Z', office, 'Asia/Shanghai', true],
    ['2026-05-04T10:00:00Z', office, 'Asia/Shanghai', false],
    // Crosses midnight.
    ['2026-05-04T22:30:00Z', night, 'UTC', true],
    ['2026-05-04T05:59:00Z', night, 'UTC', true],
    ['2026-05-04T06:00:00Z', night, 'UTC', false],
    ['2026-05-04T22:29:00Z', night, 'UTC', false],
    // Summer and winter in one zone.
    ['2026-07-01T07:30:00Z', office, 'Europe/Berlin', true],
    ['2026-01-01T07:30:00Z', office, 'Europe/Berlin', false],
    // A zone with a half hour.
    ['2026-01-01T03:30:00Z', office, 'Asia/Kolkata', true],
    ['2026-01-01T03:29:00Z', office, 'Asia/Kolkata', false],
    // Equal ends: the whole day. None: always.
    ['2026-01-01T03:29:00Z', [{ start: '08:00', end: '08:00' }], 'UTC', true],
    ['2026-01-01T03:29:00Z', [], 'UTC', true],
  ];
  for (const [at, windows, zone, expected] of cases) {
    assert.equal(isInsideWindows(new Date(at), windows, zone), expected, `${at} ${zone}`);
  }
});

test('an unknown zone fails closed, also without windows', () => {
  const now = new Date('2026-05-04T01:00:00Z');
  assert.equal(isInsideWindows(now, office, 'Mars/Olympus'), false);
  assert.equal(isInsideWindows(now, [], 'Mars/Olympus'), false);
});

const minuteOfDay = fc.integer({ min: 0, max: 1439 });
const clockTime = minuteOfDay.map(
  (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
);
const someZone = fc.constantFrom('UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe');
const someTime = fc.date({ min: new Date('2025-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });

test('outside all windows is inside their complement', () => {
  fc.assert(
    fc.property(someTime, clockTime, clockTime, someZone, (now, start, end, zone) => {
      fc.pre(start !== end);
      const inside = isInsideWindows(now, [{ start, end }], zone);
      assert.equal(isInsideWindows(now, [{ start: end, end: start }], zone), !inside);
    }),
    { numRuns: 200 },
  );
});
