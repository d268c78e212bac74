import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isRtcp, middleNtp, type RtcpReport, readRtcp, writeRtcp } from './rtcp-packet.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const blocks = fc.record(
  {
    ssrc: uint32,
    fractionLost: fc.integer({ min: 0, max: 255 }),
    packetsLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
    highestSequence: uint32,
    jitter: uint32,
    lastReport: uint32,
    sinceLastReport: uint32,
  },
  { noNullPrototype: true },
);
const reports: fc.Arbitrary<RtcpReport> = fc.record({
  ssrc: uint32,
  cname: fc.string({ maxLength: 60, unit: 'grapheme-ascii' }),
  sender: fc.option(
    fc.record({
      wallMs: fc.double({ min: 0, max: 4e12, noNaN: true }),
      rtpTimestamp: uint32,
      packets: uint32,
      octets: uint32,
    }),
  ),
  block: fc.option(blocks),
  isBye: fc.boolean(),
});

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('an RTCP packet', () => {
  it('is written as RFC 3550 6.4 draws it', () => {
    const block = {
      ssrc: 0x0a0b0c0d,
      fractionLost: 13,
      packetsLost: -2,
      highestSequence: 0x0001_0203,
      jitter: 80,
      lastReport: 0x11223344,
      sinceLastReport: 0x0001_8000,
    };
    // 2024-01-01 00:00:00.5 UTC is 3,913,056,000.5 s after 1900.
    const sender = { wallMs: 1_704_067_200_500, rtpTimestamp: 0xdeadbeef, packets: 250, octets: 40_000 };
    const written = writeRtcp({ ssrc: 0x01020304, cname: 'abc', sender, block, isBye: true });
    assert.deepEqual(
      written,
      hex(
        '81c8000c 01020304 e93c7f00 80000000 deadbeef 000000fa 00009c40' +
          '0a0b0c0d 0dfffffe 00010203 00000050 11223344 00018000' +
          '81ca0003 01020304 01036162 63000000' +
          '81cb0001 01020304',
      ),
    );
    assert.equal(middleNtp(sender.wallMs), 0x7f00_8000);
    const empty = writeRtcp({ ssrc: 1, cname: 'ab', sender: null, block: null, isBye: false });
    assert.deepEqual(empty, hex('80c90001 00000001 81ca0003 00000001 01026162 00000000'));
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const packet = writeRtcp(report);
        assert.equal(packet.length % 4, 0);
        assert.ok(isRtcp(packet));
        assert.deepEqual(readRtcp(packet, report.block?.ssrc ?? 0), {
          ssrc: report.ssrc,
          sentAt: report.sender === null ? null : middleNtp(report.sender.wallMs),
          block: report.block,
        });
        const other = ((report.block?.ssrc ?? 0) ^ 1) >>> 0;
        assert.equal(readRtcp(packet, other)?.block ?? null, null, 'what is said of others is not of us');
      }),
    );
  });

  it('is taken with several reports, extended reports, feedback and padding', () => {
    const ours = '00000007 00000001 00000002 00000003 00000004 00000005';
    const theirs = ours.replace('7', '6');
    const cases: [string, string, boolean][] = [
      ['our block is the second', `82c9000d 00000001 ${theirs} ${ours}`, true],
      ['our block is in the second report', `80c90001 00000001 81c90007 00000001 ${ours}`, true],
      ['an extended report follows', `81c90007 00000001 ${ours} 80cf0001 00000001`, true],
      ['padding at the end', `81c90007 00000001 ${ours} a0cb0001 00000004`, true],
      ['of others only', `81c90007 00000001 ${theirs}`, false],
      ['none', '80c90001 00000001', false],
    ];
    for (const [name, text, hasBlock] of cases) {
      const reading = readRtcp(hex(text), 7);
      assert.equal(reading?.ssrc, 1, name);
      assert.equal(reading?.block?.highestSequence, hasBlock ? 2 : undefined, name);
    }
  });

  it('is not taken where its lengths lie', () => {
    const broken: [string, string][] = [
      ['nothing', ''],
      ['cut short', '80c90001 0000'],
      ['another version', '40c90001 00000001'],
      ['begins with a description', '81ca0003 00000001 01026162 00000000 80c90001 00000001'],
      ['begins with goodbye', '81cb0001 00000001'],
      ['padding in the first', 'a0c90002 00000001 00000004'],
      ['padding before the last', '80c90001 00000001 a0cb0001 00000004 80cb0000'],
      ['padding of nothing', '80c90001 00000001 a0cb0001 00000000'],
      ['padding longer than the packet', '80c90001 00000001 a0cb0001 00000008'],
      ['a length beyond the end', '80c90002 00000001'],
      ['something behind the last', '80c90001 00000001 80'],
      ['a block that is not there', '81c90001 00000001'],
      ['a sender report without its sender', '80c80001 00000001'],
      ['a second packet of another version', '80c90001 00000001 00cb0000'],
    ];
    for (const [name, text] of broken) assert.equal(readRtcp(hex(text), 7), null, name);
  });

  it('never throws, whatever comes, and reads nothing that is not in it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readRtcp(Buffer.from(bytes), 7);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(reports, fc.nat(), fc.nat(255), (report, at, value) => {
        const packet = writeRtcp(report);
        packet[at % packet.length] = value;
        const reading = readRtcp(packet, report.block?.ssrc ?? 0);
        if (reading !== null) assert.equal(reading.ssrc, packet.readUInt32BE(4));
      }),
      { numRuns: 2000 },
    );
  });
});
