import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../../lib/random.ts';
import type { Reception } from '../receive-statistics.ts';
import { type ReportBlock, readRtcp, writeRtcp } from './rtcp-packet.ts';
import { RtcpSession, type Sending } from './rtcp-session.ts';

const epochMs = 1_764_000_000_000.25;

function party(ssrc: number, nowMs = 0, seed = ssrc): RtcpSession {
  return new RtcpSession({ ssrc, random: seededRandom(seed), epochMs, nowMs });
}

const sent = (packets: number): Sending => ({
  rtpTimestamp: packets * 160,
  clockRate: 8000,
  packets,
  octets: packets * 160,
  sequence: (65_530 + packets) & 0xffff,
});

const received = (ssrc: number, more: Partial<Reception> = {}): Reception => ({
  ssrc,
  fractionLost: 0,
  packetsLost: 0,
  highestSequence: 0,
  jitter: 0,
  ...more,
});

/** A report of party 2 on party 1. */
function reportOn(block: Partial<ReportBlock>): Buffer {
  const empty = { lastReport: 0, sinceLastReport: 0 };
  return writeRtcp({ ssrc: 2, cname: 'x', sender: null, block: { ...received(1), ...empty, ...block }, isBye: false });
}

describe('RtcpSession', () => {
  it('reports first after half a second to one and a half, then every two and a half to seven and a half', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const session = party(1, 1000, seed);
        assert.ok(session.dueMs >= 1500 && session.dueMs <= 2500);
        for (let count = 0; count < 5; count += 1) {
          const { dueMs } = session;
          session.report(dueMs, sent(0), null);
          assert.ok(session.dueMs - dueMs >= 2500 && session.dueMs - dueMs <= 7500);
        }
      }),
    );
    assert.equal(party(1, 0, 7).dueMs, party(1, 0, 7).dueMs, 'the same with the same randomness');
    assert.notEqual(party(1, 0, 7).dueMs, party(1, 0, 8).dueMs);
  });

  it('is a sender for as long as something was sent within the last two reports', () => {
    const session = party(1);
    const isSender = (packets: number) => readRtcp(session.report(0, sent(packets), null), 1)?.sentAt !== null;
    assert.deepEqual([0, 50, 50, 50, 60].map(isSender), [false, true, true, false, true]);
  });

  it('says goodbye only where it ever reported', () => {
    assert.equal(party(1).bye(0, sent(1), null), null);
    const sender = party(1);
    sender.report(0, sent(0), null);
    const farewell = sender.bye(0, sent(1), null) ?? assert.fail('none');
    assert.deepEqual([farewell[1], farewell[farewell.length - 7]], [200, 203]);
    const receiver = party(1);
    receiver.report(0, sent(0), received(2));
    assert.equal(receiver.bye(0, sent(0), received(2))?.[1], 201);
  });

  it('knows the round trip from both clocks, whatever the far side takes to report', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 2000, noNaN: true }),
        fc.double({ min: 0, max: 2000, noNaN: true }),
        fc.double({ min: 0, max: 7500, noNaN: true }),
        (thereMs, backMs, heldMs) => {
          const [near, far] = [party(1), party(2)];
          far.take(near.report(10_000, sent(10), null), 10_000 + thereMs, sent(5));
          const report = far.report(10_000 + thereMs + heldMs, sent(5), received(1, { highestSequence: 4 }));
          near.take(report, 10_000 + thereMs + heldMs + backMs, sent(20));
          assert.ok(Math.abs((near.roundTripMs ?? -1) - thereMs - backMs) < 0.05, `${near.roundTripMs}`);
          assert.equal(far.roundTripMs, null, 'nobody answered its report');
        },
      ),
    );
  });

  it('knows no round trip from a report that is made up, or of somebody else', () => {
    const near = party(1);
    near.report(10_000, sent(10), null);
    const cases: [string, Partial<ReportBlock>][] = [
      ['none heard', { lastReport: 0 }],
      ['far in the past', { lastReport: 1 }],
      ['held for longer than there was', { lastReport: 1, sinceLastReport: 0xffff_ffff }],
    ];
    for (const [name, block] of cases) {
      assert.ok(near.take(reportOn({ highestSequence: 3, ...block }), 20_000, sent(10)));
      assert.equal(near.roundTripMs, null, name);
    }
    const far = party(2);
    far.take(near.report(10_000, sent(10), null), 10_000, sent(0));
    const ofAnother = readRtcp(far.report(11_000, sent(0), received(9)), 9)?.block;
    assert.deepEqual([ofAnother?.lastReport, ofAnother?.sinceLastReport], [0, 0]);
  });

  it('knows what the far side heard of what it can have heard', () => {
    const near = party(1);
    const heard = (block: Partial<ReportBlock>, packets: number) => {
      near.take(reportOn(block), 0, sent(packets));
      return near.farReport;
    };
    // Packet n has the sequence number 65,530 + n: the reported one is the 100th, of 110 that were sent meanwhile.
    const hundredth = { highestSequence: 65_630 };
    assert.deepEqual(heard({ ...hundredth, packetsLost: 5, jitter: 40 }, 110), {
      packetsLost: 5,
      lossPercent: 5,
      jitterMs: 5,
    });
    assert.equal(heard({ highestSequence: 94, packetsLost: 5 }, 110)?.lossPercent, 5, 'who does not count wraps');
    assert.equal(heard({ ...hundredth, packetsLost: -3 }, 110)?.packetsLost, 0, 'more came than was sent');
    assert.equal(heard({ ...hundredth, packetsLost: 5000 }, 110)?.lossPercent, 100);
    const before = near.farReport;
    assert.equal(heard({ highestSequence: 40_000, packetsLost: 1 }, 110), before, 'of a packet that was never sent');
  });

  it('takes nothing of its own that comes back', () => {
    const near = party(1);
    assert.equal(near.take(near.report(0, sent(10), received(1, { highestSequence: 3 })), 50, sent(10)), false);
    assert.equal(near.farReport, null);
  });

  it('takes nothing that is not RTCP', () => {
    const near = party(1);
    assert.equal(near.take(Buffer.alloc(172, 0x80), 0, sent(10)), false);
    assert.deepEqual([near.farReport, near.roundTripMs], [null, null]);
  });
});
