import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../lib/clock.ts';
import { createHostResolver } from './host-resolver.ts';

function setup(answers: (string | Error)[]) {
  const asked: string[] = [];
  const time = { nowMs: 0 };
  const clock: Clock = {
    now: () => time.nowMs,
    monotonic: () => time.nowMs,
    setTimer: () => assert.fail('no timers here'),
  };
  const resolver = createHostResolver(async (host) => {
    asked.push(host);
    const answer = answers.shift();
    if (answer === undefined) assert.fail('asked once too often');
    if (answer instanceof Error) throw answer;
    return answer;
  }, clock);
  return { resolver, asked, time };
}

describe('host resolver', () => {
  it('takes an address as it is, without asking', async () => {
    const { resolver, asked } = setup([]);
    assert.deepEqual(await resolver.resolve('10.0.0.1'), { isResolved: true, address: '10.0.0.1' });
    assert.deepEqual(asked, []);
  });

  it('asks once for callers at the same time, and again after a minute', async () => {
    const { resolver, asked, time } = setup(['10.0.0.1', '10.0.0.2']);
    const [first, second] = await Promise.all([resolver.resolve('a.example'), resolver.resolve('a.example')]);
    assert.deepEqual([first, second], [first, first]);
    time.nowMs = 59_999;
    await resolver.resolve('a.example');
    assert.equal(asked.length, 1);
    time.nowMs = 60_000;
    assert.deepEqual(await resolver.resolve('a.example'), { isResolved: true, address: '10.0.0.2' });
  });

  it('remembers a failure for five seconds only', async () => {
    const { resolver, asked, time } = setup([new Error('ENOTFOUND'), '10.0.0.3']);
    assert.deepEqual(await resolver.resolve('b.example'), {
      isResolved: false,
      reason: 'cannot resolve b.example: ENOTFOUND',
    });
    time.nowMs = 4_999;
    assert.equal((await resolver.resolve('b.example')).isResolved, false);
    assert.equal(asked.length, 1);
    time.nowMs = 5_000;
    assert.deepEqual(await resolver.resolve('b.example'), { isResolved: true, address: '10.0.0.3' });
  });
});
