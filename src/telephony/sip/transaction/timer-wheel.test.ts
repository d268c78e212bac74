import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import { TimerWheel, WheelTimer } from './timer-wheel.ts';

function setUp() {
  const clock = new FakeClock();
  const wheel = new TimerWheel(clock, 20);
  const fired: [name: string, at: number][] = [];
  const timer = (name: string) => new WheelTimer({ timerFired: () => void fired.push([name, clock.monotonic()]) });
  return { clock, wheel, fired, timer };
}

test('timers fire once, on the first tick at or after their delay, also beyond one turn of the wheel', () => {
  const { clock, wheel, fired, timer } = setUp();
  clock.advance(7);
  wheel.start(timer('long'), 100_000);
  wheel.start(timer('short'), 500);
  wheel.start(timer('now'), 0);
  clock.advance(200_000);
  assert.deepEqual(
    fired.map(([name]) => name),
    ['now', 'short', 'long'],
  );
  const late = [7, 507, 100_007].map((due, index) => (fired[index]?.[1] ?? 0) - due);
  for (const ms of late) assert.ok(ms >= 0 && ms <= 40, `${ms} ms late`);
  assert.equal(wheel.size, 0);
  assert.equal(clock.pendingCount, 0);
});

test('a stopped timer does not fire, a restarted one fires at its new time', () => {
  const { clock, wheel, fired, timer } = setUp();
  const stopped = timer('stopped');
  const restarted = timer('restarted');
  wheel.start(stopped, 100);
  wheel.start(restarted, 100);
  clock.advance(60);
  wheel.stop(stopped);
  wheel.stop(stopped);
  wheel.start(restarted, 100);
  clock.advance(80);
  assert.equal(fired.length, 0);
  clock.advance(60);
  assert.deepEqual(
    fired.map(([name]) => name),
    ['restarted'],
  );
});

test('a target may start and stop timers of the same slot while it is told', () => {
  const clock = new FakeClock();
  const wheel = new TimerWheel(clock, 20);
  const fired: string[] = [];
  const second = new WheelTimer({ timerFired: () => void fired.push('second') });
  const third = new WheelTimer({ timerFired: () => void fired.push('third') });
  const first = new WheelTimer({
    timerFired: () => {
      fired.push('first');
      wheel.stop(second);
      wheel.start(third, 20);
    },
  });
  wheel.start(second, 100);
  wheel.start(first, 100);
  clock.advance(500);
  assert.deepEqual(fired, ['first', 'third']);
});

test('a closed wheel fires nothing', () => {
  const { clock, wheel, fired, timer } = setUp();
  wheel.start(timer('a'), 100);
  wheel.close();
  wheel.start(timer('b'), 100);
  clock.advance(1_000);
  assert.deepEqual(fired, []);
  assert.equal(clock.pendingCount, 0);
});

test('a network that never pauses makes timers late by seconds at most, however long it lasts', () => {
  const { clock, fired, timer } = setUp();
  const wheel = new TimerWheel(clock, 20, { whenRead: (callback) => void clock.setTimer(callback, 500) });
  wheel.start(timer('long'), 1_000_000);
  for (const startMs of [0, 60_000, 600_000]) {
    clock.advance(startMs - clock.monotonic());
    wheel.start(timer(`from ${startMs}`), 32_000);
  }
  clock.advance(300_000);
  assert.equal(fired.length, 3);
  for (const [name, at] of fired) {
    const lateMs = at - Number(name.slice(5)) - 32_000;
    assert.ok(lateMs >= 0 && lateMs <= 11_000, `${name}: ${lateMs} ms late`);
  }
});
