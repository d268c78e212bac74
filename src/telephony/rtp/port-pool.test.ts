import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '../../lib/clock.ts';
import { PortPool } from './port-pool.ts';

function clockAt(time: { ms: number }): Clock {
  return {
    now: () => time.ms,
    monotonic: () => time.ms,
    setTimer: () => {
      throw new Error('the pool sets no timers');
    },
  };
}

describe('PortPool', () => {
  it('hands out the even ports of the range, each once', () => {
    const pool = new PortPool({ first: 20_001, last: 20_007 }, 5000, clockAt({ ms: 0 }));
    assert.equal(pool.available, 3);
    assert.deepEqual([pool.take(), pool.take(), pool.take(), pool.take()], [20_002, 20_004, 20_006, null]);
  });

  it('lets a port rest for the draining time, and reuses the one that rested longest', () => {
    const time = { ms: 0 };
    const pool = new PortPool({ first: 10, last: 13 }, 5000, clockAt(time));
    pool.take();
    pool.take();
    pool.release(12);
    time.ms = 1000;
    pool.release(10);
    time.ms = 4999;
    assert.equal(pool.take(), null);
    time.ms = 5000;
    assert.equal(pool.take(), 12);
    assert.equal(pool.take(), null);
    time.ms = 6000;
    assert.equal(pool.take(), 10);
  });

  it('begins empty without a range, counts the resting, and gives up all it has', () => {
    const time = { ms: 0 };
    const pool = new PortPool(null, 100, clockAt(time));
    assert.equal(pool.take(), null);
    pool.release(10);
    time.ms = 50;
    pool.release(12);
    time.ms = 100;
    assert.deepEqual([pool.size, pool.available], [2, 1]);
    assert.deepEqual(pool.drop(), [10, 12]);
    assert.deepEqual([pool.size, pool.take()], [0, null]);
  });

  it('never gives a port to two at once, nor one that is still draining', () => {
    const drainMs = 50;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 30 }), { maxLength: 4000 }), (steps) => {
        const time = { ms: 0 };
        const pool = new PortPool({ first: 0, last: 19 }, drainMs, clockAt(time));
        const held: number[] = [];
        const releasedMs = new Map<number, number>();
        for (const step of steps) {
          if (step < 0) time.ms += 10;
          const released = step >= 15 ? held.shift() : undefined;
          if (released !== undefined) {
            pool.release(released);
            releasedMs.set(released, time.ms);
          }
          if (step < 0 || step >= 15) continue;
          const port = pool.take();
          if (port === null) {
            const resting = [...releasedMs].filter(([p, ms]) => !held.includes(p) && time.ms - ms < drainMs).length;
            assert.equal(held.length + resting, 10, 'null only when all are held or draining');
            continue;
          }
          assert.ok(!held.includes(port));
          assert.ok(time.ms - (releasedMs.get(port) ?? Number.NEGATIVE_INFINITY) >= drainMs);
          held.push(port);
        }
      }),
      { numRuns: 50 },
    );
  });
});
