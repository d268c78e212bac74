import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LocalTime } from './local-time.ts';

const shanghai = new LocalTime('Asia/Shanghai');
const berlin = new LocalTime('Europe/Berlin');
const kolkata = new LocalTime('Asia/Kolkata');
const newYork = new LocalTime('America/New_York');

const parsed: readonly [zone: LocalTime, text: string, iso: string][] = [
  [shanghai, '2024-06-21 00:00:00', '2024-06-20T16:00:00.000Z'],
  [shanghai, '2024-06-21T00:00:00', '2024-06-20T16:00:00.000Z'],
  [shanghai, '2024-06-21 00:00:00.5', '2024-06-20T16:00:00.000Z'],
  [shanghai, '2022-02-18T14:42:40+08:00', '2022-02-18T06:42:40.000Z'],
  [shanghai, '2022-02-18T14:42:40-0330', '2022-02-18T18:12:40.000Z'],
  [shanghai, '2022-02-18T14:42:40Z', '2022-02-18T14:42:40.000Z'],
  [kolkata, '2024-01-01 05:30:00', '2024-01-01T00:00:00.000Z'],
  [berlin, '2024-07-01 12:00:00', '2024-07-01T10:00:00.000Z'],
  [berlin, '2024-01-01 12:00:00', '2024-01-01T11:00:00.000Z'],
  // Skipped by the clock change: moved forward.
  [berlin, '2024-03-31 02:30:00', '2024-03-31T01:30:00.000Z'],
  // There twice: the first is meant.
  [berlin, '2024-10-27 02:30:00', '2024-10-27T00:30:00.000Z'],
  [newYork, '2024-11-03 01:30:00', '2024-11-03T05:30:00.000Z'],
  // What clients send for "from the beginning", and to the end; local mean time, with seconds.
  [shanghai, '0001-01-01 00:00:00', '0000-12-31T15:54:17.000Z'],
  [shanghai, '9999-12-31 23:59:59', '9999-12-31T15:59:59.000Z'],
];
for (const [zone, text, iso] of parsed) {
  test(`${text} is ${iso}`, () => assert.equal(zone.parse(text)?.toISOString(), iso));
}

for (const text of [
  '',
  'now',
  '2024-06-21',
  '2024-02-30 00:00:00',
  '2024-13-01 00:00:00',
  '2024-06-21 24:00:00',
  '2024-06-21 00:00:00 x',
  '21.06.2024 00:00:00',
]) {
  test(`"${text}" is no time`, () => assert.equal(shanghai.parse(text), null));
}

test('written with and without offset', () => {
  const date = new Date('2024-06-20T16:00:01.900Z');
  assert.equal(shanghai.format(date), '2024-06-21 00:00:01');
  assert.equal(shanghai.formatWithOffset(date), '2024-06-21T00:00:01+08:00');
  assert.equal(kolkata.formatWithOffset(date), '2024-06-20T21:30:01+05:30');
  assert.equal(newYork.formatWithOffset(date), '2024-06-20T12:00:01-04:00');
  assert.equal(shanghai.format(null), null);
  assert.equal(shanghai.formatWithOffset(null), null);
});

test('what is written with its offset is read as the same instant', () => {
  const instants = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(instants, fc.constantFrom(shanghai, berlin, kolkata, newYork), (instant, zone) => {
      const second = Math.floor(instant.getTime() / 1000) * 1000;
      assert.equal(zone.parse(zone.formatWithOffset(instant) ?? '')?.getTime(), second);
    }),
  );
});

test('what is read in a zone is written the same, unless the zone skips it', () => {
  const instants = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(instants, fc.constantFrom(shanghai, berlin, kolkata, newYork), (instant, zone) => {
      const written = zone.format(instant) ?? '';
      assert.equal(zone.format(zone.parse(written)), written);
    }),
  );
});

test('times are written right on both sides of a change of the zone, in whatever order', () => {
  const berlin = new LocalTime('Europe/Berlin');
  const change = Date.UTC(2026, 9, 25, 1);
  const cases: [number, string][] = [
    [change - 1, '2026-10-25 02:59:59'],
    [change, '2026-10-25 02:00:00'],
    [change - 900_000, '2026-10-25 02:45:00'],
    [change + 900_000, '2026-10-25 02:15:00'],
    [change - 1, '2026-10-25 02:59:59'],
  ];
  for (const [instant, written] of cases) assert.equal(berlin.format(new Date(instant)), written);
  assert.equal(
    new LocalTime('Africa/Monrovia').format(new Date(Date.UTC(1972, 0, 7, 0, 44, 30))),
    '1972-01-07 00:44:30',
  );
});

test('more days than are remembered are written right', () => {
  const kathmandu = new LocalTime('Asia/Kathmandu');
  for (let day = 0; day < 80; day++) {
    for (let quarter = 0; quarter < 96; quarter++)
      kathmandu.format(new Date(day * 86_400_000 + quarter * 900_000 + 1e12));
  }
  assert.equal(kathmandu.formatWithOffset(new Date(0)), '1970-01-01T05:30:00+05:30');
  assert.equal(kathmandu.formatWithOffset(new Date(Date.UTC(2026, 10, 26))), '2026-11-26T05:45:00+05:45');
});
