import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createRtpHeader, parseRtp, prepareRtp, rtpHeaderBytes, stampRtp } from './rtp-packet.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('parseRtp', () => {
  it('reads a plain packet', () => {
    const header = createRtpHeader();
    assert.ok(parseRtp(hex('80 88 ffff fffffff0 deadbeef d5d5'), header));
    assert.deepEqual(header, {
      payloadType: 8,
      isMarked: true,
      sequence: 0xffff,
      timestamp: 0xfffffff0,
      ssrc: 0xdeadbeef,
      payloadStart: 12,
      payloadEnd: 14,
    });
  });

  it('skips CSRCs and the extension, and cuts padding off', () => {
    const header = createRtpHeader();
    assert.ok(parseRtp(hex('b1 00 0001 00000002 00000003 000000aa beef0001 11111111 0102 000002'), header));
    assert.equal(header.payloadStart, 12 + 4 + 4 + 4);
    assert.equal(header.payloadEnd, header.payloadStart + 3);
  });

  const refused: readonly (readonly [string, string])[] = [
    ['too short', '80 00 0001 00000002 000000'],
    ['version 1', '40 00 0001 00000002 00000003 00'],
    ['more CSRCs than bytes', '8f 00 0001 00000002 00000003 00'],
    ['no room for the extension header', '90 00 0001 00000002 00000003 0000'],
    ['an extension longer than the packet', '90 00 0001 00000002 00000003 beef0009 00000000'],
    ['padding longer than the packet', 'a0 00 0001 00000002 00000003 00ff'],
    ['padding of length 0', 'a0 00 0001 00000002 00000003 0000'],
  ];
  for (const [name, packet] of refused) {
    it(`refuses ${name}`, () => assert.equal(parseRtp(hex(packet), createRtpHeader()), false));
  }

  it('never reads outside any packet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (packet) => {
        const header = createRtpHeader();
        if (!parseRtp(packet, header)) return;
        assert.ok(header.payloadStart >= rtpHeaderBytes && header.payloadStart <= header.payloadEnd);
        assert.ok(header.payloadEnd <= packet.length);
      }),
    );
  });

  it('reads back what was written', () => {
    const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
    const fields = fc.record({
      ssrc: uint(32),
      payloadType: uint(7),
      isMarked: fc.boolean(),
      sequence: uint(16),
      timestamp: uint(32),
    });
    fc.assert(
      fc.property(fields, (written) => {
        const packet = new Uint8Array(rtpHeaderBytes + 5).fill(0xee);
        prepareRtp(packet, written.ssrc);
        stampRtp(packet, written.payloadType | (written.isMarked ? 0x80 : 0), written.sequence, written.timestamp);
        const header = createRtpHeader();
        assert.ok(parseRtp(packet, header));
        assert.deepEqual(header, { ...written, payloadStart: 12, payloadEnd: 17 });
      }),
    );
  });
});
