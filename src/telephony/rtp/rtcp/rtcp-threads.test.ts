import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { on, once } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import { seededRandom } from '../../../lib/random.ts';
import { EventSockets } from '../event-sockets.ts';
import { MediaThread } from '../media-thread-loop.ts';
import type { RemoteMedia } from '../media-types.ts';
import type { FromMediaThread } from '../thread-protocol.ts';
import { isRtcp, middleNtp, readRtcp, writeRtcp } from './rtcp-packet.ts';

const host = '127.0.0.1';
const epochMs = performance.timeOrigin;

const sockets: Socket[] = [];
const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
  for (const socket of sockets.splice(0)) socket.close();
});

async function bound(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host, port, exclusive: true }, resolve);
  });
  sockets.push(socket);
  return socket;
}

/** An even port and the one above it, both free a moment ago and bound or let go again. */
async function openPair(isKept: boolean): Promise<{ rtp: Socket; rtcp: Socket; port: number }> {
  for (;;) {
    const rtp = await bound(0);
    const { port } = rtp.address();
    const rtcp = port % 2 === 0 ? await bound(port + 1).catch(() => null) : null;
    if (rtcp === null) continue;
    if (isKept) return { rtp, rtcp, port };
    for (const socket of [rtp, rtcp]) {
      sockets.splice(sockets.indexOf(socket), 1);
      await new Promise<void>((resolve) => socket.close(resolve));
    }
    return { rtp, rtcp, port };
  }
}

/** A media thread's inside with one bound line, in a time that can jump. */
async function openLine() {
  const { port } = await openPair(false);
  const at = { host, port };
  const posted: FromMediaThread[] = [];
  let wake = (): void => undefined;
  let jumpMs = 0;
  const now = (): number => performance.now() + jumpMs;
  const thread = new MediaThread({
    tickMs: 5,
    now,
    epochMs,
    random: seededRandom(1),
    post: (message) => {
      posted.push(message);
      wake();
    },
    sockets: (giveWay) => new EventSockets({ now, giveWay }),
  });
  async function next<T extends FromMediaThread['type']>(type: T): Promise<Extract<FromMediaThread, { type: T }>> {
    for (;;) {
      const found = posted.findIndex((message) => message.type === type);
      if (found !== -1) return posted.splice(found, 1)[0] as Extract<FromMediaThread, { type: T }>;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  thread.handle({ type: 'bind', at });
  await next('bound');
  undo.push(() => thread.handle({ type: 'unbind', at }));
  return {
    port,
    now,
    jump: (ms: number) => {
      jumpMs += ms;
    },
    /** To when the socket of RTCP is there, or cannot be had. */
    passControl: async (rtp: Socket) => {
      jumpMs += 450;
      for (let count = 0; count < 3; count += 1) await once(rtp, 'message');
    },
    connect: (sessionId: number, remote: Partial<RemoteMedia> & { readonly port: number }) => {
      thread.handle({ type: 'open', sessionId, at, captureMs: 0 });
      const clear = { codec: 'PCMA', payloadType: 8, eventPayloadType: 101, ptimeMs: 20, canSend: true } as const;
      thread.handle({ type: 'connect', sessionId, remote: { address: host, ...clear, ...remote } });
    },
    close: async (sessionId: number) => {
      thread.handle({ type: 'close', sessionId });
      return (await next('closed')).stats;
    },
  };
}

/** The next RTCP packet at a socket that RTP may come to as well. */
async function nextRtcp(socket: Socket): Promise<Buffer> {
  for await (const [packet] of on(socket, 'message')) if (isRtcp(packet)) return packet;
  return assert.fail('the socket was closed');
}

/** A packet of the far side that answers a report: of the packets up to `rtp` it lost one, and its jitter is 2 ms. */
function answerTo(report: Buffer, rtp: Buffer): Buffer {
  const reading = readRtcp(report, 0) ?? assert.fail('no report');
  const block = {
    ssrc: reading.ssrc,
    fractionLost: 25,
    packetsLost: 1,
    highestSequence: rtp.readUInt16BE(2),
    jitter: 16,
    lastReport: reading.sentAt ?? 0,
    sinceLastReport: 0,
  };
  return writeRtcp({ ssrc: 7, cname: 'far', sender: null, block, isBye: false });
}

const goodbye = Buffer.from('81cb0001', 'hex');
const heardReport = { packetsLost: 1, lossPercent: 100, jitterMs: 2 };

describe('RTCP of a media thread', () => {
  it('goes from and to the ports above those of RTP, whose socket serves the session after as well', async () => {
    const line = await openLine();
    const far = await openPair(true);
    for (const sessionId of [1, 2]) {
      const first = once(far.rtp, 'message');
      line.connect(sessionId, { port: far.port });
      const [rtp] = await first;
      await line.passControl(far.rtp);
      line.jump(2000);
      const [report, source] = await once(far.rtcp, 'message');
      assert.equal(source.port, line.port + 1);
      const sentAt = readRtcp(report, 0)?.sentAt ?? assert.fail('not a sender report');
      const ageMs = ((middleNtp(epochMs + line.now()) - sentAt) | 0) / 65.536;
      assert.ok(ageMs >= 0 && ageMs < 60_000, 'it says the time of day');
      far.rtcp.send(answerTo(report, rtp), line.port + 1, host);
      // What comes with the report after next was read by then.
      line.jump(8000);
      await once(far.rtcp, 'message');
      line.jump(8000);
      await once(far.rtcp, 'message');
      const farewell = once(far.rtcp, 'message');
      const stats = await line.close(sessionId);
      assert.deepEqual(stats.farReport, heardReport);
      assert.ok(stats.roundTripMs !== null);
      assert.ok((await farewell)[0].includes(goodbye));
    }
  });

  it('costs a call nothing that is over before a first report: no socket, no goodbye', async () => {
    const line = await openLine();
    const far = await openPair(true);
    far.rtcp.on('message', () => assert.fail('nobody is told of'));
    line.connect(1, { port: far.port });
    await once(far.rtp, 'message');
    assert.ok((await line.close(1)).packetsSent > 0);
    await bound(line.port + 1);
  });

  it('goes with RTP where that was agreed on', async () => {
    const line = await openLine();
    const far = await bound(0);
    const first = once(far, 'message');
    line.connect(1, { port: far.address().port, rtcp: 'mux' });
    const [rtp] = await first;
    line.jump(2000);
    const report = await nextRtcp(far);
    far.send(answerTo(report, rtp), line.port, host);
    for (let count = 0; count < 2; count += 1) {
      line.jump(8000);
      await nextRtcp(far);
    }
    const farewell = nextRtcp(far);
    const stats = await line.close(1);
    assert.deepEqual([stats.farReport, stats.packetsReceived, stats.packetsRefused], [heardReport, 0, 0]);
    assert.ok((await farewell).includes(goodbye));
  });

  it('is not there where somebody else has the port, and the call goes on', async () => {
    const line = await openLine();
    await bound(line.port + 1);
    const far = await openPair(true);
    far.rtcp.on('message', () => assert.fail('it cannot be sent'));
    line.connect(1, { port: far.port });
    await once(far.rtp, 'message');
    await line.passControl(far.rtp);
    line.jump(2000);
    await once(far.rtp, 'message');
    await once(far.rtp, 'message');
    const stats = await line.close(1);
    assert.deepEqual([stats.farReport, stats.roundTripMs], [null, null]);
    assert.ok(stats.packetsSent >= 3);
  });
});
