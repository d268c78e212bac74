import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { MediaThread } from './media-thread-loop.ts';
import type { FromMediaThread, ToMediaThread } from './thread-protocol.ts';

const host = '127.0.0.1';

/** A media thread's inside, on this thread: what it posts can be waited for by type. */
function setUp() {
  const time = { jumpMs: 0 };
  const posted: FromMediaThread[] = [];
  let onPosted = (): void => undefined;
  const thread = new MediaThread({
    tickMs: 5,
    now: () => performance.now() + time.jumpMs,
    random: seededRandom(1),
    post: (message) => {
      posted.push(message);
      onPosted();
    },
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

describe('MediaThread', () => {
  it('tells when it had to skip half a second', async () => {
    const { thread, time, next } = setUp();
    // Any free port will do; the thread knows it by the number that was asked for.
    thread.handle({ type: 'bind', host, port: 0 });
    await next('bound');
    thread.handle({ type: 'open', sessionId: 1, port: 0, captureMs: 0 });
    thread.handle(connect);
    time.jumpMs = 700;
    const skipped = await next('skipped');
    assert.equal(skipped.sessions, 1);
    assert.ok(skipped.skippedMs >= 500, `${skipped.skippedMs} ms`);
    thread.handle({ type: 'close', sessionId: 1 });
    await next('closed');
    thread.handle({ type: 'unbind', port: 0 });
  });

  it('says why a port cannot be bound, and drops what concerns a session that has gone', async () => {
    const { thread, next } = setUp();
    thread.handle({ type: 'bind', host: '192.0.2.1', port: 0 });
    const failed = await next('bind-failed');
    assert.deepEqual([failed.port, failed.code], [0, 'EADDRNOTAVAIL']);
    thread.handle(connect);
    thread.handle({ type: 'close', sessionId: 1 });
    thread.handle({ type: 'read-figures', resetLateness: false });
    assert.equal((await next('figures')).figures.sessions, 0);
  });
});
