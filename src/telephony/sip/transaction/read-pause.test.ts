import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import { PollingReadPause } from './read-pause.ts';
import { TimerWheel, WheelTimer } from './timer-wheel.ts';

function setUp() {
  const clock = new FakeClock();
  const polls: (() => void)[] = [];
  let read = 0;
  const pause = new PollingReadPause({
    clock,
    afterPoll: (callback) => void polls.push(callback),
    datagramsRead: () => read,
  });
  /** One turn of the event loop that brings so many datagrams. */
  const poll = (datagrams: number, tookMs = 0): void => {
    read += datagrams;
    clock.advance(tookMs);
    for (const callback of polls.splice(0)) callback();
  };
  return { clock, pause, polls, poll };
}

test('timers wait until the socket was read empty', () => {
  const { clock, pause, polls, poll } = setUp();
  const wheel = new TimerWheel(clock, 20, pause);
  const fired: number[] = [];
  const timer = new WheelTimer({ timerFired: () => void fired.push(clock.monotonic()) });
  wheel.start(timer, 20);
  clock.advance(40);
  assert.equal(polls.length, 1, 'one look at a time');
  poll(32, 5);
  poll(40, 5);
  assert.deepEqual(fired, []);
  poll(31);
  assert.deepEqual(fired, [50]);
  assert.deepEqual([clock.pendingCount, polls.length], [0, 0], 'with no timer nothing runs');
});

test('an answer that is read meanwhile stops its timer', () => {
  const { clock, pause, poll } = setUp();
  const wheel = new TimerWheel(clock, 20, pause);
  const timer = new WheelTimer({ timerFired: () => assert.fail('was stopped') });
  wheel.start(timer, 20);
  clock.advance(40);
  poll(32);
  wheel.stop(timer);
  poll(3);
  clock.advance(1_000);
});

test('a flood holds timers up for half a second at most', () => {
  const { clock, pause, poll } = setUp();
  const wheel = new TimerWheel(clock, 20, pause);
  const fired: number[] = [];
  wheel.start(new WheelTimer({ timerFired: () => void fired.push(clock.monotonic()) }), 20);
  clock.advance(20);
  for (let turn = 0; turn < 100; turn += 1) poll(32, 10);
  assert.deepEqual(fired, [520]);
});

test('a wheel closed while it waits fires nothing', () => {
  const { clock, pause, poll } = setUp();
  const wheel = new TimerWheel(clock, 20, pause);
  wheel.start(new WheelTimer({ timerFired: () => assert.fail('is closed') }), 20);
  clock.advance(20);
  wheel.close();
  poll(0);
  assert.equal(clock.pendingCount, 0);
});
