import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { SendPace } from './send-pace.ts';

function takeAll(pace: SendPace): number {
  let count = 0;
  while (pace.take()) count += 1;
  return count;
}

test('pace: the rate of the channel', () => {
  const clock = new FakeClock();
  const pace = new SendPace(clock, 10);
  let sent = 0;
  for (let tick = 0; tick < 100; tick += 1) {
    sent += takeAll(pace);
    clock.freeze(100);
  }
  assert.ok(sent >= 99 && sent <= 101, `${sent}`);
});

test('pace: too fast is a second of silence and half as much', () => {
  const clock = new FakeClock();
  const pace = new SendPace(clock, 100);
  takeAll(pace);
  pace.slowDown();
  assert.equal(pace.take(), false);
  assert.equal(pace.waitMs, 1000);
  assert.equal(pace.rate, 50);
  // Those that were out with it.
  pace.slowDown();
  assert.equal(pace.rate, 50);
  clock.freeze(1000);
  assert.equal(pace.take(), true);
  pace.slowDown();
  assert.equal(pace.rate, 25);
});

test('pace: never below one a second, unless the channel is slower', () => {
  for (const [maxTps, least] of [
    [8, 1],
    [0.5, 0.5],
  ] as const) {
    const clock = new FakeClock();
    const pace = new SendPace(clock, maxTps);
    for (let turn = 0; turn < 10; turn += 1) {
      pace.slowDown();
      clock.freeze(1000);
    }
    assert.equal(pace.rate, least);
  }
});

test('pace: the rate comes back by a twentieth for each second that goes well', () => {
  const clock = new FakeClock();
  const pace = new SendPace(clock, 100);
  pace.slowDown();
  clock.freeze(1000);
  pace.goesWell();
  assert.equal(pace.rate, 50);
  clock.freeze(1000);
  pace.goesWell();
  pace.goesWell();
  assert.equal(pace.rate, 55);
  for (let turn = 0; turn < 20; turn += 1) {
    clock.freeze(1000);
    pace.goesWell();
  }
  assert.equal(pace.rate, 100);
});
