import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { messageEvent, sampleTrace } from '../../../test/support/sample-trace.ts';
import { addressBytes, checksum } from './ip-packet.ts';
import { writePcap } from './pcap.ts';

/** The packets of a capture file, with their times in microseconds. */
function packetsOf(file: Buffer): { atUs: bigint; bytes: Buffer }[] {
  const packets: { atUs: bigint; bytes: Buffer }[] = [];
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const atUs = BigInt(file.readUInt32LE(at)) * 1_000_000n + BigInt(file.readUInt32LE(at + 4));
    packets.push({ atUs, bytes: file.subarray(at + 16, at + 16 + length) });
    at += 16 + length;
  }
  return packets;
}

const hello = { atUs: 1_500_000, direction: 'sent', text: 'hello' } as const;
const v6 = { local: { address: '2001:db8::10', port: 5060 }, remote: { address: '2001:db8::20', port: 5061 } };

describe('writePcap', () => {
  it('writes the bytes of one message over UDP', () => {
    const file = writePcap(sampleTrace({ startedAt: new Date(1000), events: [messageEvent(hello)] }));
    const expected = [
      'd4c3b2a1 0200 0400 00000000 00000000 ffff0000 65000000',
      '02000000 20a10700 21000000 21000000',
      '4500 0021 0000 4000 4011 4e8d c000020a c6336401',
      '13c4 13c4 000d a83a 68656c6c6f',
    ].join('');
    assert.equal(file.toString('hex'), expected.replaceAll(' ', ''));
  });

  it('writes UDP over IPv6, and messages of odd and even length', () => {
    for (const text of ['hello', 'hello!']) {
      const [packet] = packetsOf(writePcap(sampleTrace({ events: [messageEvent({ ...hello, text, ...v6 })] })));
      assert.ok(packet);
      const { bytes } = packet;
      assert.equal(
        bytes.subarray(0, 8).toString('hex'),
        `600000000${(8 + text.length).toString(16).padStart(3, '0')}1140`,
      );
      assert.equal(bytes.subarray(8, 24).toString('hex'), '20010db8000000000000000000000010');
      assert.equal(bytes.subarray(48).toString('latin1'), text);
      const pseudo = Buffer.from([0, 17, 0, 8 + text.length]);
      assert.equal(checksum(Buffer.concat([bytes.subarray(8, 40), pseudo, bytes.subarray(40)])), 0);
    }
  });

  it('counts the bytes of a TCP connection in both directions, and of each connection alone', () => {
    const tcp = { transport: 'tcp' } as const;
    const events = [
      messageEvent({ ...hello, ...tcp }),
      messageEvent({ ...hello, ...tcp, direction: 'received', text: 'hi' }),
      messageEvent({ ...hello, ...tcp }),
      messageEvent({ ...hello, ...v6, transport: 'tls' }),
    ];
    const segments = packetsOf(writePcap(sampleTrace({ events }))).map(({ bytes }, index) =>
      bytes.subarray(index < 3 ? 20 : 40),
    );
    assert.deepEqual(
      segments.map((segment) => [segment.readUInt32BE(4), segment.readUInt32BE(8), segment.readUInt16BE(12)]),
      [
        [1, 1, 0x5018],
        [1, 6, 0x5018],
        [6, 3, 0x5018],
        [1, 1, 0x5018],
      ],
    );
  });

  it('leaves notes out, and keeps the time to the microsecond', () => {
    const trace = sampleTrace();
    const packets = packetsOf(writePcap(trace));
    const messages = trace.events.filter((event) => event.type === 'message');
    assert.deepEqual(
      packets.map(({ atUs }) => atUs),
      messages.map(({ atUs }) => BigInt(trace.startedAt.getTime()) * 1000n + BigInt(atUs)),
    );
  });
});

describe('addressBytes', () => {
  const rows: [string, boolean, string][] = [
    ['192.0.2.1', true, 'c0000201'],
    ['192.0.2.1', false, '00000000000000000000ffffc0000201'],
    ['::1', false, '00000000000000000000000000000001'],
    ['::', false, '00000000000000000000000000000000'],
    ['2001:db8:1:2:3:4:5:6', false, '20010db8000100020003000400050006'],
    ['fe80::1%eth0', false, 'fe800000000000000000000000000001'],
    ['::ffff:192.0.2.1', false, '00000000000000000000ffffc0000201'],
  ];
  for (const [address, isV4, hex] of rows) {
    it(address, () => assert.equal(addressBytes(address, isV4).toString('hex'), hex));
  }
});
