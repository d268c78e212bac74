import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { afterEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { chooseSockets, type SocketKind } from './choose-sockets.ts';
import type { DatagramListener, DatagramSocket, DatagramSockets } from './datagram-socket.ts';
import type { MediaAddress } from './latch-machine.ts';

const kinds: readonly SocketKind[] = ['system calls', 'events'];
const now = (): number => performance.now();

/** Remembers what it hears. */
class Ear implements DatagramListener {
  readonly heard: { readonly text: string; readonly source: MediaAddress; readonly arrivalMs: number }[] = [];
  readonly errors: Error[] = [];

  receive(packet: Buffer, { address, port }: MediaAddress, arrivalMs: number): void {
    this.heard.push({ text: packet.toString('latin1'), source: { address, port }, arrivalMs });
  }

  onSocketError(error: Error): void {
    this.errors.push(error);
  }

  get texts(): string[] {
    return this.heard.map(({ text }) => text);
  }
}

/** A port of the system's choice, let go again. */
async function freePort(host: string): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

for (const kind of kinds) {
  describe(`sockets by ${kind}`, () => {
    let open: { readonly socket: DatagramSocket; readonly at: MediaAddress }[] = [];

    afterEach(() => {
      for (const { socket } of open) socket.close();
      open = [];
    });

    async function sockets(): Promise<DatagramSockets> {
      const chosen = await chooseSockets(kind, now);
      assert.equal(chosen.kind, kind, chosen.reason ?? '');
      return chosen.open(() => undefined);
    }

    async function bind(host = '127.0.0.1', by?: DatagramSockets) {
      const port = await freePort(host);
      const socket = await (by ?? (await sockets())).bind({ host, port });
      const bound = { socket, at: { address: host, port } };
      open.push(bound);
      return bound;
    }

    async function until(isSo: () => boolean): Promise<void> {
      while (!isSo()) {
        for (const { socket } of open) socket.poll();
        await turn();
      }
    }

    /** After what was sent by now has been heard, were it to be heard at all: a last word from `from` has. */
    async function settle(ear: Ear, say: (packet: Buffer) => void): Promise<void> {
      say(Buffer.from('over'));
      await until(() => ear.texts.includes('over'));
    }

    for (const host of ['127.0.0.1', '::1']) {
      it(`carry datagrams over ${host}, and say whom they are from`, async () => {
        const [one, other] = [await bind(host), await bind(host)];
        const [oneEar, otherEar] = [new Ear(), new Ear()];
        one.socket.listen(oneEar);
        other.socket.listen(otherEar);
        one.socket.sendTo(Buffer.from('hello'), other.at);
        await until(() => otherEar.heard.length === 1);
        assert.deepEqual([otherEar.heard[0]?.text, otherEar.heard[0]?.source], ['hello', one.at]);
        other.socket.connect(one.at);
        other.socket.send(Buffer.from('hello yourself'));
        await until(() => oneEar.heard.length === 1);
        assert.deepEqual([oneEar.heard[0]?.text, oneEar.heard[0]?.source], ['hello yourself', other.at]);
      });
    }

    it('hand out whatever waits, in order and as it was, to sockets that share their memory', async () => {
      const shared = await sockets();
      const [one, other, third] = [await bind(undefined, shared), await bind(undefined, shared), await bind()];
      const [oneEar, otherEar] = [new Ear(), new Ear()];
      one.socket.listen(oneEar);
      other.socket.listen(otherEar);
      const texts = Array.from({ length: 30 }, (_, index) => `${index}`.repeat(1 + ((index * 7) % 40)));
      for (const text of texts) {
        third.socket.sendTo(Buffer.from(text), one.at);
        third.socket.sendTo(Buffer.from(`${text}!`), other.at);
      }
      await until(() => oneEar.heard.length === 30 && otherEar.heard.length === 30);
      assert.deepEqual(oneEar.texts, texts);
      assert.deepEqual(
        otherEar.texts,
        texts.map((text) => `${text}!`),
      );
    });

    it('hear only whom they are connected to, move, and hear everybody again', async () => {
      const [one, friend, stranger] = [await bind(), await bind(), await bind()];
      const ear = new Ear();
      one.socket.listen(ear);
      const fromFriend = (packet: Buffer) => friend.socket.sendTo(packet, one.at);
      const fromStranger = (packet: Buffer) => stranger.socket.sendTo(packet, one.at);
      one.socket.connect(friend.at);
      fromStranger(Buffer.from('psst'));
      await settle(ear, fromFriend);
      assert.deepEqual(ear.texts, ['over']);

      ear.heard.length = 0;
      one.socket.connect(stranger.at);
      fromFriend(Buffer.from('still there?'));
      await settle(ear, fromStranger);
      assert.deepEqual(ear.texts, ['over']);

      ear.heard.length = 0;
      one.socket.disconnect();
      one.socket.disconnect();
      fromFriend(Buffer.from('now'));
      await settle(ear, fromStranger);
      assert.deepEqual(ear.texts, ['now', 'over']);
      assert.deepEqual(ear.errors, []);
    });

    it('keep what came before from whoever listens next', async () => {
      const [one, other] = [await bind(), await bind()];
      const [first, second] = [new Ear(), new Ear()];
      other.socket.sendTo(Buffer.from('nobody'), one.at);
      // Past the events that tell of it.
      await until(() => true);
      await turn();
      one.socket.listen(first);
      await settle(first, (packet) => other.socket.sendTo(packet, one.at));
      assert.deepEqual(first.texts, ['over']);
      one.socket.listen(null);
      other.socket.sendTo(Buffer.from('nobody either'), one.at);
      one.socket.poll();
      await turn();
      await turn();
      one.socket.listen(second);
      await settle(second, (packet) => other.socket.sendTo(packet, one.at));
      assert.deepEqual([first.texts, second.texts], [['over'], ['over']]);
    });

    it('do not mind that nobody listens at the other end, and reach who begins to', async () => {
      const one = await bind();
      const ear = new Ear();
      one.socket.listen(ear);
      const port = await freePort('127.0.0.1');
      one.socket.connect({ address: '127.0.0.1', port });
      for (let packets = 0; packets < 3; packets += 1) {
        one.socket.send(Buffer.from('anybody?'));
        await until(() => true);
      }
      const late = await (await sockets()).bind({ host: '127.0.0.1', port });
      open.push({ socket: late, at: { address: '127.0.0.1', port } });
      const lateEar = new Ear();
      late.listen(lateEar);
      one.socket.poll();
      await turn();
      one.socket.send(Buffer.from('somebody'));
      await until(() => lateEar.heard.length === 1);
      late.sendTo(Buffer.from('yes'), one.at);
      await until(() => ear.heard.length === 1);
      assert.deepEqual(ear.errors, []);
    });

    it('hear nothing more once they are closed, be it while they hear, and let the port go', async () => {
      const [one, other] = [await bind(), await bind()];
      open = [other];
      let heard = 0;
      one.socket.listen({
        receive: () => {
          heard += 1;
          one.socket.close();
        },
        onSocketError: (error) => assert.fail(error),
      });
      for (let packets = 0; packets < 20; packets += 1) other.socket.sendTo(Buffer.from('more'), one.at);
      while (heard === 0) {
        one.socket.poll();
        await turn();
      }
      await turn();
      assert.equal(heard, 1);
      const next = await (await sockets()).bind({ host: '127.0.0.1', port: one.at.port });
      open.push({ socket: next, at: one.at });
    });

    it('tell why a port cannot be bound', async () => {
      const { at } = await bind();
      const shared = await sockets();
      await assert.rejects(shared.bind({ host: at.address, port: at.port }), { code: 'EADDRINUSE' });
      await assert.rejects(shared.bind({ host: '192.0.2.1', port: 0 }), { code: 'EADDRNOTAVAIL' });
      assert.equal(shared.packetsDropped, 0);
    });
  });
}

describe('sockets by system calls', () => {
  it('tell when a datagram came, not when somebody looked, and drop what is longer than any packet', async () => {
    const { open } = await chooseSockets('system calls', now);
    const sockets = open(() => undefined);
    const one = await sockets.bind({ host: '127.0.0.1', port: 0 });
    const port = await freePort('127.0.0.1');
    const ear = new Ear();
    const hears = await sockets.bind({ host: '127.0.0.1', port });
    hears.listen(ear);
    // The first ones until the kernel has begun to note the time.
    one.sendTo(Buffer.from('early'), { address: '127.0.0.1', port });
    hears.poll();
    one.sendTo(Buffer.alloc(3000), { address: '127.0.0.1', port });
    one.sendTo(Buffer.from('late'), { address: '127.0.0.1', port });
    const sentMs = now();
    while (now() < sentMs + 50) await turn();
    hears.poll();
    assert.deepEqual(ear.texts, ['early', 'late']);
    // It had come when `sendTo` returned; a little is for two clocks that are compared.
    assert.ok((ear.heard[1]?.arrivalMs ?? 0) <= sentMs + 5, `${ear.heard[1]?.arrivalMs} is after ${sentMs}`);
    for (const socket of [one, hears]) socket.close();
  });
});
