import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { zoneOf } from '../account/zone.ts';
import { isInsideWindows, nextOpening } from './windows.ts';

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
  assert.equal(nextOpening(now, office, 'Mars/Olympus'), null);
});

test('next opening by table, also over changes of the clocks', () => {
  const early = [{ start: '02:30', end: '03:30' }];
  const cases: [string, typeof office, string, string][] = [
    ['2026-05-04T10:00:00Z', office, 'Asia/Shanghai', '2026-05-05T01:00:00Z'],
    ['2026-05-04T00:00:30Z', office, 'Asia/Shanghai', '2026-05-04T01:00:00Z'],
    ['2026-05-04T09:12:34Z', office, 'UTC', '2026-05-04T09:12:34Z'],
    // 29 March 2026: 02:00 becomes 03:00 in Berlin, so that 02:30 does not exist and the window begins with the change.
    ['2026-03-29T00:10:00Z', early, 'Europe/Berlin', '2026-03-29T01:00:00Z'],
    // 25 October 2026: 03:00 becomes 02:00; the window opens at the first 02:30.
    ['2026-10-24T23:10:00Z', early, 'Europe/Berlin', '2026-10-25T00:30:00Z'],
  ];
  for (const [now, windows, zone, expected] of cases) {
    assert.equal(nextOpening(new Date(now), windows, zone)?.toISOString(), new Date(expected).toISOString(), now);
  }
});

const minuteOfDay = fc.integer({ min: 0, max: 1439 });
const clockTime = minuteOfDay.map(
  (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
);
const someWindows = fc.array(fc.record({ start: clockTime, end: clockTime }), { minLength: 1, maxLength: 3 });
const someZone = fc.constantFrom('UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe');
const someTime = fc.date({ min: new Date('2025-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });

test('the next opening is inside, and the minute before it is not', () => {
  fc.assert(
    fc.property(someTime, someWindows, someZone, (now, windows, name) => {
      const zone = zoneOf(name);
      const opening = nextOpening(now, windows, zone);
      assert.ok(opening && opening >= now);
      assert.ok(isInsideWindows(opening, windows, zone));
      if (opening > now) assert.ok(!isInsideWindows(new Date(opening.getTime() - 60_000), windows, zone));
    }),
    { numRuns: 300 },
  );
});

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
