import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReorderWindow, reorderWindowMs } from './reorder-window.ts';
import { createRtpHeader } from './rtp-packet.ts';

type Arrival = { readonly sequence: number; readonly nowMs?: number; readonly ssrc?: number };

/** What comes out: the sequence number, `-n` where n before it are missing, `*` where a source begins. The payload is the sequence number's low byte. */
function setUp(): { window: ReorderWindow; take: (arrival: Arrival) => void; out: string[] } {
  const out: string[] = [];
  const window = new ReorderWindow((packet, header, { missing, isNewSource }) => {
    assert.equal(packet[header.payloadStart], header.sequence & 0xff);
    assert.equal(header.payloadEnd - header.payloadStart, 1);
    out.push(`${isNewSource ? '*' : ''}${header.sequence}${missing > 0 ? `-${missing}` : ''}`);
  });
  const header = createRtpHeader();
  const take = ({ sequence, nowMs = 0, ssrc = 1 }: Arrival): void => {
    Object.assign(header, { sequence, ssrc, payloadStart: 12, payloadEnd: 13 });
    const packet = new Uint8Array(13);
    packet[12] = sequence;
    window.take(packet, header, nowMs);
  };
  return { window, take, out };
}

function outOf(sequences: readonly number[]): string {
  const { take, out } = setUp();
  for (const sequence of sequences) take({ sequence });
  return out.join(' ');
}

describe('ReorderWindow', () => {
  it('passes on in order, over the wrap, and drops what came twice', () => {
    assert.equal(outOf([65_534, 65_535, 0, 1]), '*65534 65535 0 1');
    assert.equal(outOf([10, 12, 11, 13]), '*10 11 12 13');
    assert.equal(outOf([65_534, 1, 0, 65_535, 2]), '*65534 65535 0 1 2');
    assert.equal(outOf([10, 11, 11, 13, 13, 12, 10]), '*10 11 12 13');
  });

  it('waits for a missing packet for 80 ms and then gives it up', () => {
    const { window, take, out } = setUp();
    take({ sequence: 1 });
    take({ sequence: 3, nowMs: 40 });
    take({ sequence: 6, nowMs: 100 });
    window.passTime(40 + reorderWindowMs - 1);
    assert.deepEqual(out, ['*1']);
    window.passTime(40 + reorderWindowMs);
    assert.deepEqual(out, ['*1', '3-1']);
    take({ sequence: 2, nowMs: 125 });
    take({ sequence: 4, nowMs: 126 });
    take({ sequence: 7, nowMs: 180 });
    assert.deepEqual(out, ['*1', '3-1', '4', '6-1', '7']);
    assert.equal(window.isHolding, false);
  });

  it('does not wait where more are missing than could be waited for', () => {
    assert.equal(outOf([1, 18, 19]), '*1 18-16 19');
    assert.equal(outOf([1, 3, 4, 30, 31]), '*1 3-1 4 30-25 31');
  });

  it('lets another SSRC and another count begin anew, after what waited', () => {
    const { take, out } = setUp();
    take({ sequence: 1 });
    take({ sequence: 3 });
    take({ sequence: 500, ssrc: 2 });
    take({ sequence: 20_000, ssrc: 2 });
    take({ sequence: 20_001, ssrc: 2 });
    assert.deepEqual(out, ['*1', '3-1', '*500', '*20000', '20001']);
  });

  it('takes twenty packets that seem to be late for a source that counts anew', () => {
    const { take, out } = setUp();
    take({ sequence: 500 });
    for (let sequence = 100; sequence < 123; sequence += 1) take({ sequence });
    assert.deepEqual(out, ['*500', '*120', '121', '122']);
  });

  it('brings any order within the window back into order (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 65_535 }),
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1 }),
        (from, delays) => {
          const { take, out } = setUp();
          const arrivals = delays.map((delayMs, index) => ({
            index,
            atMs: index * 20 + (index === 0 ? 0 : delayMs * 2),
          }));
          for (const { index, atMs } of arrivals.toSorted((a, b) => a.atMs - b.atMs)) {
            take({ sequence: (from + index) & 0xffff, nowMs: atMs });
          }
          assert.deepEqual(
            out.map((text) => Number.parseInt(text.replace('*', ''), 10)),
            delays.map((_, index) => (from + index) & 0xffff),
          );
        },
      ),
    );
  });
});
