import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { chooseSockets, type SocketKind } from './choose-sockets.ts';
import { missingAfterMs, windowMs } from './latch-machine.ts';
import { MediaThread } from './media-thread-loop.ts';
import { prepareRtp, stampRtp } from './rtp-packet.ts';
import { eventOfDigit, telephoneEventBytes, writeTelephoneEvent } from './telephone-event.ts';
import type { FromMediaThread, ToMediaThread } from './thread-protocol.ts';

const host = '127.0.0.1';

const kinds: readonly SocketKind[] = ['system calls', 'events'];

/** A media thread's inside, on this thread: what it posts can be waited for by type. */
async function setUp(kind: SocketKind) {
  const time = { jumpMs: 0 };
  const posted: FromMediaThread[] = [];
  let onPosted = (): void => undefined;
  const now = (): number => performance.now() + time.jumpMs;
  const sockets = await chooseSockets(kind, now);
  const thread = new MediaThread({
    tickMs: 5,
    now,
    epochMs: performance.timeOrigin,
    random: seededRandom(1),
    post: (message) => {
      posted.push(message);
      onPosted();
    },
    sockets: sockets.open,
  });
  async function next<T extends FromMediaThread['type']>(type: T): Promise<Extract<FromMediaThread, { type: T }>> {
    for (;;) {
      const found = posted.findIndex((message) => message.type === type);
      if (found !== -1) return posted.splice(found, 1)[0] as Extract<FromMediaThread, { type: T }>;
      await new Promise<void>((resolve) => {
        onPosted = resolve;
      });
    }
  }
  return { thread, time, next };
}

async function openFar(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket;
}

/** A port that is likely to stay free: the system's choice, let go again. */
async function openPort(): Promise<number> {
  const socket = await openFar();
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** Sends RTP from a socket, in order: audio, or a whole key press in one packet. */
function speaker(socket: Socket, port: number, ssrc: number) {
  let sequence = 0;
  const send = (payloadType: number, payload: Buffer): void => {
    sequence += 1;
    const packet = Buffer.concat([Buffer.alloc(12), payload]);
    prepareRtp(packet, ssrc);
    stampRtp(packet, payloadType, sequence, sequence * 160);
    socket.send(packet, port, host);
  };
  return {
    say: () => send(8, Buffer.alloc(160, 0xd5)),
    press: (digit: string) => {
      const payload = Buffer.alloc(telephoneEventBytes);
      writeTelephoneEvent(payload, 0, { event: eventOfDigit(digit) ?? 0, isEnd: true, duration: 800 });
      send(101, payload);
    },
  };
}

const connect: Extract<ToMediaThread, { type: 'connect' }> = {
  type: 'connect',
  sessionId: 1,
  remote: {
    address: host,
    port: 9,
    codec: 'PCMA',
    payloadType: 8,
    eventPayloadType: null,
    ptimeMs: 20,
    canSend: true,
  },
};

for (const kind of kinds) {
  describe(`MediaThread with sockets by ${kind}`, () => {
    it('tells when it had to skip half a second', async () => {
      const { thread, time, next } = await setUp(kind);
      // Any free port will do; the thread knows it by the number that was asked for.
      thread.handle({ type: 'bind', at: { host, port: 0 } });
      await next('bound');
      thread.handle({ type: 'open', sessionId: 1, at: { host, port: 0 }, captureMs: 0 });
      thread.handle(connect);
      time.jumpMs = 700;
      const skipped = await next('skipped');
      assert.equal(skipped.sessions, 1);
      assert.ok(skipped.skippedMs >= 500, `${skipped.skippedMs} ms`);
      thread.handle({ type: 'close', sessionId: 1 });
      await next('closed');
      thread.handle({ type: 'unbind', at: { host, port: 0 } });
    });

    it('leaves a stranger who was faster, and hears no key of theirs once the far side speaks', async () => {
      const { thread, next } = await setUp(kind);
      const port = await openPort();
      thread.handle({ type: 'bind', at: { host, port } });
      await next('bound');
      const [far, stranger] = [await openFar(), await openFar()];
      thread.handle({ type: 'open', sessionId: 1, at: { host, port }, captureMs: 0 });
      const remote = { ...connect.remote, port: far.address().port, eventPayloadType: 101 };
      thread.handle({ ...connect, remote });
      const [theirs, ours] = [speaker(stranger, port, 66), speaker(far, port, 99)];
      for (let packets = 0; packets < 3; packets += 1) theirs.say();
      assert.equal((await next('latched')).actual, `${host}:${stranger.address().port}`);
      await once(stranger, 'message');

      ours.say();
      await once(far, 'message');
      theirs.press('1');
      ours.press('2');
      const digits: string[] = [];
      while (digits.length === 0) {
        const { event } = await next('event');
        if (event.type === 'digit') digits.push(event.digit);
      }
      assert.deepEqual(digits, ['2']);
      thread.handle({ type: 'close', sessionId: 1 });
      assert.equal((await next('closed')).stats.packetsReceived, 1 + 1 + 1, 'one of theirs that was believed');
      thread.handle({ type: 'unbind', at: { host, port } });
      for (const socket of [far, stranger]) socket.close();
    });

    it('listens for who answers where it is asked to, from the answer on', async () => {
      const { thread, time, next } = await setUp(kind);
      const port = await openPort();
      thread.handle({ type: 'bind', at: { host, port } });
      await next('bound');
      const far = await openFar();
      thread.handle({ type: 'open', sessionId: 1, at: { host, port }, captureMs: 0 });
      thread.handle({ ...connect, remote: { ...connect.remote, port: far.address().port } });
      thread.handle({ type: 'detect-machine', sessionId: 1, stage: 'early' });
      thread.handle({ type: 'detect-machine', sessionId: 1, stage: 'answered' });
      time.jumpMs += 2600;
      speaker(far, port, 99).say();
      assert.equal((await next('event')).event.type, 'first-packet');
      const { event } = await next('event');
      assert.ok(event.type === 'machine' && event.finding.type === 'answerer', JSON.stringify(event));
      assert.deepEqual([event.finding.result, event.finding.evidence.rule], ['unsure', 'no-speech-in-time']);
      thread.handle({ type: 'close', sessionId: 1 });
      await next('closed');
      thread.handle({ type: 'unbind', at: { host, port } });
      far.close();
    });

    it('follows a far side behind NAT: to where it sends from, and to its new port after a silence', async () => {
      const { thread, time, next } = await setUp(kind);
      const port = await openPort();
      thread.handle({ type: 'bind', at: { host, port } });
      await next('bound');
      thread.handle({ type: 'open', sessionId: 1, at: { host, port }, captureMs: 0 });
      thread.handle(connect);
      const [first, second] = [await openFar(), await openFar()];
      const before = speaker(first, port, 99);
      const after = speaker(second, port, 99);
      for (let packets = 0; packets < 3; packets += 1) before.say();
      assert.equal((await next('latched')).actual, `${host}:${first.address().port}`);
      await once(first, 'message');

      time.jumpMs += windowMs;
      await once(first, 'message');
      // Settled and then silent: the second one, of the same source, is heard when it is missed.
      time.jumpMs += missingAfterMs;
      first.on('message', () => after.say());
      await once(second, 'message');
      assert.equal((await next('latched')).actual, `${host}:${second.address().port}`);
      thread.handle({ type: 'close', sessionId: 1 });
      const { stats } = await next('closed');
      assert.ok(stats.packetsReceived >= 2);
      assert.ok(stats.packetsRefused >= 4, 'the first two of either only showed that they mean it');
      thread.handle({ type: 'unbind', at: { host, port } });
      for (const far of [first, second]) far.close();
    });

    it('says why a port cannot be bound, and drops what concerns a session that has gone', async () => {
      const { thread, next } = await setUp(kind);
      thread.handle({ type: 'bind', at: { host: '192.0.2.1', port: 0 } });
      const failed = await next('bind-failed');
      assert.deepEqual([failed.at.port, failed.code], [0, 'EADDRNOTAVAIL']);
      thread.handle(connect);
      thread.handle({ type: 'close', sessionId: 1 });
      thread.handle({ type: 'read-figures', resetLateness: false });
      assert.equal((await next('figures')).figures.sessions, 0);
    });
  });
}
