import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import { SourceLimiter } from './source-limiter.ts';

const limits = { perSecond: 10, burst: 20, maxSources: 3 };

function takeMany(limiter: SourceLimiter, address: string, times: number): number {
  let taken = 0;
  for (let time = 0; time < times; time++) if (limiter.take(address)) taken++;
  return taken;
}

test('an address may send its burst, then its rate, and never saves up more than its burst', () => {
  const clock = new FakeClock();
  const limiter = new SourceLimiter(limits, clock);
  assert.equal(takeMany(limiter, 'a', 100), 20);
  clock.advance(1_000);
  assert.equal(takeMany(limiter, 'a', 100), 10);
  clock.advance(3_600_000);
  assert.equal(takeMany(limiter, 'a', 100), 20);
});

test('what is refused does not put off the next that is taken', () => {
  const clock = new FakeClock();
  const limiter = new SourceLimiter(limits, clock);
  takeMany(limiter, 'a', 20);
  let taken = 0;
  for (let ms = 0; ms < 10_000; ms += 125) {
    clock.advance(125);
    taken += takeMany(limiter, 'a', 5);
  }
  assert.equal(taken, 100);
});

test('one address does not use up what another may send', () => {
  const limiter = new SourceLimiter(limits, new FakeClock());
  takeMany(limiter, 'a', 100);
  assert.equal(takeMany(limiter, 'b', 100), 20);
});

test('the table keeps its size, and forgets who was silent longest', () => {
  const limiter = new SourceLimiter(limits, new FakeClock());
  takeMany(limiter, 'a', 100);
  takeMany(limiter, 'b', 100);
  takeMany(limiter, 'c', 100);
  limiter.take('a');
  for (let number = 0; number < 2; number++) limiter.take(`new-${number}`);
  assert.equal(limiter.size, 3);
  assert.equal(limiter.take('a'), false);
  assert.equal(limiter.take('b'), true);
  for (let number = 0; number < 10_000; number++) limiter.take(`forged-${number}`);
  assert.equal(limiter.size, 3);
});
