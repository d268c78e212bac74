import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReceiveStatistics } from './receive-statistics.ts';

describe('ReceiveStatistics', () => {
  const counted = (sequences: readonly number[]): [number, number] => {
    const statistics = new ReceiveStatistics(8000);
    for (const sequence of sequences) statistics.countPacket(1, sequence);
    return [statistics.packetsReceived, statistics.packetsLost];
  };

  it('counts loss over reordering, repetition and the wrap', () => {
    assert.deepEqual(counted([65_533, 65_534, 65_535, 0, 1, 2]), [6, 0]);
    assert.deepEqual(counted([10, 12, 11, 13]), [4, 0]);
    assert.deepEqual(counted([10, 14]), [2, 3]);
    assert.deepEqual(counted([10, 10, 11]), [3, 0]);
    assert.deepEqual(counted([65_534, 3]), [2, 4]);
  });

  it('begins anew with another source or a far jump, and keeps what was counted', () => {
    assert.deepEqual(counted([10, 12, 40_000, 40_001]), [4, 1]);
    const statistics = new ReceiveStatistics(8000);
    statistics.countPacket(1, 10);
    statistics.countPacket(1, 12);
    statistics.countPacket(2, 11);
    assert.deepEqual([statistics.packetsReceived, statistics.packetsLost], [3, 1]);
  });

  it('has no jitter for a steady stream, and converges to the mean difference for a shaky one', () => {
    const steady = new ReceiveStatistics(8000);
    const shaky = new ReceiveStatistics(8000);
    for (let index = 0; index < 500; index += 1) {
      const timestamp = (0xffffff00 + index * 160) >>> 0;
      steady.countArrival(timestamp, index * 20);
      shaky.countArrival(timestamp, index * 20 + (index % 2) * 4);
    }
    assert.equal(steady.jitterMs, 0);
    assert.ok(Math.abs(shaky.jitterMs - 4) < 0.01);
  });

  it('takes a jump of the timestamps for no jitter, and goes on from there', () => {
    const statistics = new ReceiveStatistics(8000);
    for (let index = 0; index < 50; index += 1) statistics.countArrival(index * 160, index * 20);
    for (let index = 50; index < 100; index += 1) statistics.countArrival(index * 160 + 1_000_000, index * 20);
    assert.equal(statistics.jitterMs, 0);
  });

  it('measures in the clock of another codec from when it is told', () => {
    const statistics = new ReceiveStatistics(8000);
    statistics.countPacket(1, 1);
    for (let index = 0; index < 50; index += 1) statistics.countArrival(index * 160, index * 20);
    statistics.setClockRate(48_000);
    for (let index = 50; index < 200; index += 1) statistics.countArrival(index * 960, index * 20 + (index % 2) * 2);
    assert.ok(Math.abs(statistics.jitterMs - 2) < 0.01);
    assert.equal(statistics.report()?.jitter, 96);
  });

  it('is not led astray by a single packet far off', () => {
    assert.deepEqual(counted([10, 40_000, 11, 13]), [4, 1]);
    assert.deepEqual(counted([10, 40_000, 11, 40_001, 12]), [5, 0], 'only two in a row are another source');
  });

  it('reports the present source, and the loss since the report before', () => {
    const statistics = new ReceiveStatistics(8000);
    assert.equal(statistics.report(), null);
    const count = (ssrc: number, ...sequences: number[]) => {
      for (const sequence of sequences) statistics.countPacket(ssrc, sequence);
    };
    const reported = () => {
      const { ssrc, fractionLost, packetsLost, highestSequence } = statistics.report() ?? assert.fail('nothing');
      return [ssrc, fractionLost, packetsLost, highestSequence];
    };
    count(7, 65_534, 65_535, 1);
    assert.deepEqual(reported(), [7, 64, 1, 65_537], 'one of four, beyond a wrap');
    count(7, 2, 3);
    assert.deepEqual(reported(), [7, 0, 1, 65_539]);
    assert.deepEqual(reported(), [7, 0, 1, 65_539], 'nothing came meanwhile');
    count(7, 3, 3);
    assert.deepEqual(reported(), [7, 0, -1, 65_539], 'repeated packets are not less than none lost');
    count(7, 103);
    assert.deepEqual(reported(), [7, 253, 98, 65_639]);
    count(8, 5, 7);
    assert.deepEqual(reported(), [8, 85, 1, 7], 'another source');
    assert.equal(statistics.packetsLost, 98 + 1);
  });
});
