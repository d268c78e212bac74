import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { ByteStream } from '../../src/lib/byte-stream.ts';
import { connectStream, type StreamTls } from '../../src/lib/socket-stream.ts';
import { until } from '../support/until.ts';

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const shown = { key: fixture('private-key.pem'), cert: fixture('certificate.pem') };

const servers: Server[] = [];
const streams: ByteStream[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  const listening = servers.splice(0).filter((server) => server.listening);
  const closed = listening.map((server) => once(server, 'close'));
  for (const server of listening) server.close();
  await Promise.all(closed);
});

/** Connects to a server that does as a test says with each connection. */
async function connect(
  onSocket: (socket: Socket) => void,
  { tls = null, isListening = true }: { tls?: StreamTls | null; isListening?: boolean } = {},
): Promise<{ stream: ByteStream; told: string[]; untilTold(what: string): Promise<void> }> {
  const own = tls === null ? createServer(onSocket) : createTlsServer(shown, onSocket);
  own.on('tlsClientError', () => undefined);
  own.listen(0, '127.0.0.1');
  await once(own, 'listening');
  const { port } = own.address() as AddressInfo;
  servers.push(own);
  if (!isListening) {
    own.close();
    await once(own, 'close');
  }
  const told: string[] = [];
  const connected = connectStream({ host: '127.0.0.1', port, localAddress: '127.0.0.1' }, tls, {
    onConnected: () => told.push('connected'),
    onBytes: (bytes) => told.push(bytes.toString()),
    onClosed: (error) =>
      told.push(error === null ? 'closed' : `closed: ${'code' in error ? error.code : error.message}`),
  });
  streams.push(connected);
  const untilTold = async (what: string): Promise<void> => {
    await until(() => told.includes(what), { what, timeoutMs: 10_000, everyMs: 5, detail: () => told.join(', ') });
  };
  return { stream: connected, told, untilTold };
}

const trusting: StreamTls = { serverName: '127.0.0.1', isVerified: false, caCertificates: null };

for (const tls of [null, trusting]) {
  test(`bytes go both ways over ${tls === null ? 'TCP' : 'TLS'}, and the far side closes`, async () => {
    const own = await connect((socket) => socket.on('data', (bytes) => socket.end(`heard ${bytes}`)), { tls });
    assert.deepEqual(own.told, []);
    await own.untilTold('connected');
    assert.ok((own.stream.localPort ?? 0) > 0);
    own.stream.write(Buffer.from('hello'));
    await own.untilTold('closed');
    assert.deepEqual(own.told, ['connected', 'heard hello', 'closed']);
    // Nobody hears it, and nothing breaks.
    own.stream.write(Buffer.from('again'));
    own.stream.close();
  });
}

test('what was written before we close still goes, and nothing is told after it', async () => {
  const heard: string[] = [];
  const own = await connect((socket) => {
    socket.write('greeting');
    socket.on('data', (bytes) => heard.push(bytes.toString()));
    socket.on('end', () => heard.push('end'));
  });
  await own.untilTold('greeting');
  own.stream.write(Buffer.from('last words'));
  own.stream.close();
  await until(() => heard.includes('end'), { what: 'the end', timeoutMs: 10_000, everyMs: 5 });
  assert.deepEqual(heard, ['last words', 'end']);
  assert.deepEqual(own.told, ['connected', 'greeting']);
});

test('a far side that breaks the connection is an error', async () => {
  const own = await connect((socket) => socket.resetAndDestroy());
  await own.untilTold('closed: ECONNRESET');
});

test('nobody listens', async () => {
  const own = await connect(() => undefined, { isListening: false });
  await own.untilTold('closed: ECONNREFUSED');
  assert.deepEqual(own.told, ['closed: ECONNREFUSED']);
});

test('a certificate of nobody that we trust, and one that we trust and that is for somebody else', async () => {
  const verifying = { ...trusting, isVerified: true };
  const unknown = await connect(() => undefined, { tls: verifying });
  await unknown.untilTold('closed: DEPTH_ZERO_SELF_SIGNED_CERT');
  const checkPeer = (): Error => Object.assign(new Error('not for them'), { code: 'OTHER' });
  const other = await connect(() => undefined, { tls: { ...verifying, caCertificates: shown.cert, checkPeer } });
  await other.untilTold('closed: OTHER');
  assert.deepEqual(other.told, ['closed: OTHER']);
});
