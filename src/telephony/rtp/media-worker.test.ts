import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { SocketKind } from './choose-sockets.ts';
import { type MediaWorker, startMediaWorker } from './media-worker.ts';
import type { FromMediaThread } from './thread-protocol.ts';

const host = '127.0.0.1';
const kinds: readonly SocketKind[] = ['system calls', 'events'];

/** Starts a media thread; `next` waits for a message of a type, `ended` for its end. */
function start(sockets: SocketKind) {
  const waiters: { readonly type: string; readonly resolve: (message: FromMediaThread) => void }[] = [];
  const seen: FromMediaThread[] = [];
  const ended = Promise.withResolvers<string>();
  const worker: MediaWorker = startMediaWorker(
    {
      onMessage: (message) => {
        seen.push(message);
        for (const { type, resolve } of waiters) if (type === message.type) resolve(message);
      },
      onEnd: ended.resolve,
    },
    { tickMs: 5, sockets },
  );
  const next = (type: FromMediaThread['type']): Promise<FromMediaThread> => {
    const found = seen.find((message) => message.type === type);
    return found === undefined ? new Promise((resolve) => waiters.push({ type, resolve })) : Promise.resolve(found);
  };
  return { worker, next, ended: ended.promise };
}

describe('a media thread', () => {
  for (const sockets of kinds) {
    it(`has its sockets by ${sockets}, and leaves none bound when it dies`, async () => {
      const { worker, next, ended } = start(sockets);
      const started = await next('started');
      assert.ok(started.type === 'started' && started.sockets === sockets && started.reason === null);
      const probe = createSocket('udp4').bind(0, host);
      await once(probe, 'listening');
      const { port } = probe.address();
      await new Promise<void>((resolve) => probe.close(resolve));
      worker.post({ type: 'bind', at: { host, port } });
      await next('bound');
      await worker.terminate();
      await ended;
      const again = createSocket('udp4');
      again.bind({ address: host, port, exclusive: true });
      await once(again, 'listening');
      await new Promise<void>((resolve) => again.close(resolve));
    });
  }
});
