import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../../lib/random.ts';
import type { DatagramListener, DatagramSocket } from '../datagram-socket.ts';
import type { MediaAddress } from '../latch-machine.ts';
import { SrtpStream } from '../srtp/srtp-stream.ts';
import { type AnnouncedMedia, RtcpChannel } from './rtcp-channel.ts';
import { readRtcp, writeRtcp } from './rtcp-packet.ts';
import { RtcpSession } from './rtcp-session.ts';

const far = { address: '192.0.2.1', port: 4000 };
const farRtcp = { address: '192.0.2.1', port: 4001 };
const keys = (send: number, receive: number) => {
  const key = (fill: number) => ({ suite: 'AEAD_AES_128_GCM', masterKey: Buffer.alloc(28, fill) }) as const;
  return { send: key(send), receive: key(receive) };
};

/** A report of the far side on ours. */
const report = writeRtcp({
  ssrc: 2,
  cname: 'far',
  sender: null,
  block: {
    ssrc: 1,
    fractionLost: 0,
    packetsLost: 3,
    highestSequence: 90,
    jitter: 0,
    lastReport: 0,
    sinceLastReport: 0,
  },
  isBye: false,
});

function setUp(announced: Partial<AnnouncedMedia> = {}, srtp: SrtpStream | null = null) {
  const sent: string[] = [];
  const packets: Buffer[] = [];
  const rtp = { source: null as MediaAddress | null };
  let listener: DatagramListener | null = null;
  let polls = 0;
  const note = (packet: Buffer, where: string) => {
    packets.push(packet);
    sent.push(where);
  };
  const socket: DatagramSocket = {
    listen: (next) => {
      listener = next;
    },
    poll: () => {
      polls += 1;
    },
    send: () => assert.fail('it is not connected'),
    sendTo: (packet, { address, port }) => note(packet, `${address}:${port}`),
    connect: () => assert.fail('it stays open to the far side behind a NAT'),
    disconnect: () => undefined,
    close: () => assert.fail('it is not the channel that closes it'),
  };
  const session = new RtcpSession({ ssrc: 1, random: seededRandom(1), epochMs: 0, nowMs: 0 });
  const channel = new RtcpChannel(
    session,
    {
      sending: () => ({ rtpTimestamp: 0, clockRate: 8000, packets: 100, octets: 16_000, sequence: 100 }),
      reception: () => null,
      srtp: () => srtp,
      source: () => rtp.source,
      send: (packet) => note(packet, 'with RTP'),
    },
    { rtp: far, rtcp: farRtcp, ...announced },
  );
  return {
    channel,
    socket,
    rtp,
    sent,
    packets,
    polls: () => polls,
    isListening: () => listener === channel,
    /** Lets the next report be sent. */
    reportNext: () => channel.onTime(session.dueMs),
  };
}

describe('RtcpChannel', () => {
  it('reads and reports when it is time, and says goodbye at the end', () => {
    const it = setUp();
    assert.ok(it.channel.needsSocket);
    it.reportNext();
    assert.deepEqual(it.sent, [], 'without a socket nothing can leave');
    it.channel.attach(it.socket, 10_000);
    assert.ok(it.isListening() && !it.channel.needsSocket);
    it.channel.onTime(10_500);
    assert.equal(it.polls(), 0);
    it.channel.onTime(11_000);
    assert.equal(it.polls(), 1);
    it.reportNext();
    it.channel.receive(report, farRtcp, 12_000);
    it.channel.close(13_000);
    assert.ok(!it.isListening());
    assert.equal(it.channel.farReport?.packetsLost, 3);
    assert.deepEqual(new Set(it.sent), new Set(['192.0.2.1:4001']));
    const goodbyes = it.packets.map((packet) => packet.includes(Buffer.from('81cb0001', 'hex')));
    assert.deepEqual([goodbyes.at(-1), goodbyes.indexOf(true)], [true, goodbyes.length - 1]);
  });

  it('needs no socket on the port of RTP, and sends and takes there', () => {
    const it = setUp({ rtcp: 'mux' });
    assert.equal(it.channel.needsSocket, false);
    it.reportNext();
    it.channel.receive(report, far, 0);
    it.channel.close(9000);
    assert.deepEqual(it.sent, ['with RTP', 'with RTP']);
    assert.equal(it.channel.farReport?.packetsLost, 3);
  });

  const stranger = { address: '198.51.100.1', port: 4001 };
  const private10 = { address: '10.0.0.1', port: 4001 };
  const ownHost = { address: '192.0.2.9', port: 5005 };
  const sources: [string, Partial<AnnouncedMedia>, MediaAddress | null, MediaAddress, boolean, string][] = [
    ['from where it was announced', {}, far, farRtcp, true, '192.0.2.1:4001'],
    ['before RTP came', {}, null, farRtcp, true, '192.0.2.1:4001'],
    ['from another port of the host', {}, far, { ...far, port: 9999 }, true, '192.0.2.1:9999'],
    ['from a stranger', {}, far, stranger, false, '192.0.2.1:4001'],
    ['from a host of its own', { rtcp: ownHost }, far, ownHost, true, '192.0.2.9:5005'],
    ['from behind a NAT', { rtp: { ...private10, port: 4000 }, rtcp: private10 }, far, farRtcp, true, '192.0.2.1:4001'],
    [
      'from a stranger, while the far side is behind a NAT',
      { rtp: { ...private10, port: 4000 }, rtcp: private10 },
      { ...far, port: 7000 },
      stranger,
      false,
      '192.0.2.1:7001',
    ],
  ];
  for (const [name, announced, rtpSource, source, isTaken, target] of sources) {
    it(`${isTaken ? 'takes' : 'does not take'} what comes ${name}, and reports to ${target}`, () => {
      const it = setUp(announced);
      it.channel.attach(it.socket, 0);
      it.rtp.source = rtpSource;
      it.channel.receive(report, source, 0);
      assert.equal(it.channel.farReport !== null, isTaken);
      it.reportNext();
      assert.deepEqual(it.sent, [target]);
    });
  }

  it('turns to where the far side is announced anew', () => {
    const it = setUp();
    it.channel.attach(it.socket, 0);
    it.channel.receive(report, { ...far, port: 9999 }, 0);
    const moved = { address: '192.0.2.7', port: 6000 };
    it.channel.aim({ rtp: moved, rtcp: { ...moved, port: 6001 } });
    it.reportNext();
    it.channel.aim({ rtp: moved, rtcp: 'mux' });
    it.reportNext();
    assert.deepEqual(it.sent, ['192.0.2.7:6001', 'with RTP']);
  });

  it('sends nothing in clear where there are keys, and takes what is authentic from anywhere', () => {
    const [ours, theirs] = [new SrtpStream(keys(1, 2)), new SrtpStream(keys(2, 1))];
    const it = setUp({}, ours);
    it.channel.attach(it.socket, 0);
    it.reportNext();
    const [packet] = it.packets;
    assert.ok(packet !== undefined && readRtcp(packet, 1) === null);
    assert.equal(readRtcp(theirs.unprotectRtcp(packet) ?? assert.fail('not authentic'), 1)?.ssrc, 1);
    const heard = (wire: Buffer, source: MediaAddress) => {
      it.channel.receive(wire, source, 0);
      return it.channel.farReport?.packetsLost;
    };
    assert.deepEqual([heard(report, farRtcp), heard(theirs.protectRtcp(report), stranger)], [undefined, 3]);
  });

  it('is not troubled by a socket that fails', () => {
    const it = setUp();
    it.channel.attach(it.socket, 0);
    it.channel.onSocketError();
    it.reportNext();
    assert.equal(it.sent.length, 1);
  });
});
