import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createSipEndpoint, type SipEndpointOptions } from '../../src/telephony/sip/create-sip-endpoint.ts';
import type {
  Hop,
  MeasuredSipEndpoint,
  OutgoingCall,
  OutgoingCallEnd,
  OutgoingCallEvent,
} from '../../src/telephony/sip/endpoint-types.ts';
import { hostPort } from '../../src/telephony/sip/message/sip-uri.ts';
import { startChild } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { type Sipp, type SippOptions, startSippServer } from '../support/sipp.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

/** TCP, IPv6 and what is too large for a datagram, on real sockets. */

const timeoutMs = 45_000;
const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';
/** An INVITE with it has some 1,400 bytes. */
const largeSdp = `${sdp}${'a=x-padding:0123456789\r\n'.repeat(36)}`;
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  while (cleanUps.length > 0) await cleanUps.pop()?.();
});

async function openEndpoint(options: Partial<SipEndpointOptions> = {}): Promise<MeasuredSipEndpoint> {
  const endpoint = await createSipEndpoint({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger(),
    userAgent: 'Carillon interop',
    ...options,
  });
  cleanUps.push(() => endpoint.close(0));
  return endpoint;
}

async function openAnswering(): Promise<MeasuredSipEndpoint> {
  const endpoint = await openEndpoint();
  endpoint.onInvite((call) => {
    call.provisional(180, 'Ringing');
    call.answer(sdp);
  });
  return endpoint;
}

async function startSipp(scenario: string, options: Partial<SippOptions>): Promise<Sipp> {
  const path = join(import.meta.dirname, 'scenarios', `${scenario}.xml`);
  const { extraArgs = [], ...others } = options;
  const args = ['-timeout', '40', '-max_socket', '100', ...extraArgs];
  const sipp = await startSippServer({ calls: 1, ...others, scenario: path, extraArgs: args });
  cleanUps.push(() => sipp.stop());
  return sipp;
}

const hopTo = (port: number, transport: 'udp' | 'tcp', address = '127.0.0.1'): Hop => ({
  address,
  port,
  transport,
  tls: null,
});

type Call = { readonly ended: Promise<OutgoingCallEnd>; readonly answered: Promise<OutgoingCall> };

function dial(endpoint: MeasuredSipEndpoint, hop: Hop, offer = sdp): Call {
  const ended = Promise.withResolvers<OutgoingCallEnd>();
  const answered = Promise.withResolvers<OutgoingCall>();
  const options = { from: '<sip:1008@127.0.0.1>', sipCallId: systemRandom().hex(8), offer, credentials: null };
  const call = endpoint.invite(
    { hops: [hop], targetUri: `sip:8613800000000@${hostPort(hop)}`, ...options },
    (event: OutgoingCallEvent) => {
      if (event.type === 'answered') answered.resolve(call);
      if (event.type === 'ended') ended.resolve(event.end);
    },
  );
  return { ended: ended.promise, answered: answered.promise };
}

/** Calls and hangs up once answered; the status that it ended with. */
async function callAlong(endpoint: MeasuredSipEndpoint, hop: Hop, offer = sdp): Promise<string> {
  const call = dial(endpoint, hop, offer);
  void call.answered.then((leg) => leg.hangUp());
  const { cause, status } = await call.ended;
  return `${cause} ${status}`;
}

for (const transport of ['t1', 'tn'] as const) {
  test(`calls to SIPp over TCP (-t ${transport}) share one connection`, async () => {
    const sipp = await startSipp('uas-answer-expect-bye', { calls: 20, transport });
    const endpoint = await openEndpoint();
    const made = Array.from({ length: 20 }, () => callAlong(endpoint, hopTo(sipp.port, 'tcp')));
    assert.deepEqual(new Set(await Promise.all(made)), new Set(['local-bye 200']));
    const { connections, requestsRetransmitted } = endpoint.figures();
    assert.deepEqual([connections, requestsRetransmitted], [1, 0]);
    const { exitCode, failed } = await sipp.finished(timeoutMs);
    assert.deepEqual([exitCode, failed], [0, 0]);
  });

  test(`calls that SIPp makes over TCP (-t ${transport})`, async () => {
    const endpoint = await openAnswering();
    const extraArgs = [`127.0.0.1:${endpoint.local.port}`, '-r', '10'];
    const sipp = await startSipp('uac-call-expect-answer', { calls: 10, transport, extraArgs, isServer: false });
    const { exitCode, successful, errors } = await sipp.finished(timeoutMs);
    assert.deepEqual([exitCode, successful], [0, 10], errors);
    assert.equal(endpoint.figures().responsesRetransmitted, 0);
  });
}

test('SIPp hangs up over the connection that we made', async () => {
  const sipp = await startSipp('uas-answer-send-bye', { transport: 't1' });
  const endpoint = await openEndpoint();
  const { cause } = await dial(endpoint, hopTo(sipp.port, 'tcp')).ended;
  assert.equal(cause, 'remote-bye');
  assert.equal((await sipp.finished(timeoutMs)).exitCode, 0);
});

for (const transport of ['udp', 'tcp'] as const) {
  test(`IPv6 over ${transport}, beside IPv4 on the same endpoint`, async () => {
    const sippTransport = transport === 'udp' ? 'u1' : 't1';
    const options = { host: '[::1]', transport: sippTransport } as const;
    const sipp = await startSipp('uas-answer-expect-bye', options);
    const other = await startSipp('uas-answer-expect-bye', { transport: sippTransport });
    const endpoint = await openEndpoint({ host: ['127.0.0.1', '::1'] });
    assert.equal(await callAlong(endpoint, hopTo(sipp.port, transport, '::1')), 'local-bye 200');
    assert.equal(await callAlong(endpoint, hopTo(other.port, transport)), 'local-bye 200');
    assert.deepEqual(endpoint.figures().seenAddresses, []);
    assert.equal((await sipp.finished(timeoutMs)).exitCode, 0);
  });
}

test('an INVITE of 1,400 bytes goes by TCP, though UDP was meant', async () => {
  const sipp = await startSipp('uas-answer-expect-bye', { transport: 't1' });
  const endpoint = await openEndpoint();
  const call = dial(endpoint, hopTo(sipp.port, 'udp'), largeSdp);
  // SIPp's Contact names no transport, so that the BYE follows the hop, and SIPp hears nothing of it on UDP.
  await call.answered;
  assert.equal(endpoint.figures().connections, 1);
});

test('it goes back to UDP where TCP is refused, and does not try TCP again at once', async () => {
  const sipp = await startSipp('uas-answer-expect-bye', { calls: 2 });
  const endpoint = await openEndpoint();
  const hop = hopTo(sipp.port, 'udp');
  assert.equal(await callAlong(endpoint, hop, largeSdp), 'local-bye 200');
  assert.equal(await callAlong(endpoint, hop, largeSdp), 'local-bye 200');
  assert.equal((await sipp.finished(timeoutMs)).exitCode, 0);
});

async function startProxy(port: number): Promise<TcpProxy> {
  const proxy = await startTcpProxy({ host: '127.0.0.1', port });
  cleanUps.push(() => proxy.close());
  return proxy;
}

/** A carrier that answers every request with 200 and closes its connections when it is told to. */
async function openPlainCarrier() {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const [method = ''] = bytes.toString('latin1').split(' ');
      requests.push(method);
      if (method !== 'ACK') socket.write(okTo(bytes.toString('latin1'), port));
    });
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  cleanUps.push(async () => {
    drop();
    server.close();
    await once(server, 'close');
  });
  return { port, drop, requests };
}

function okTo(request: string, port: number): string {
  const headers = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => {
    const line = new RegExp(`^${name}: .*$`, 'm').exec(request)?.[0] ?? '';
    return name === 'To' && !line.includes(';tag=') ? `${line.trimEnd()};tag=far` : line.trimEnd();
  });
  const body = request.startsWith('INVITE') ? sdp : '';
  const contact = `Contact: <sip:far@127.0.0.1:${port};transport=tcp>`;
  const end = ['Content-Type: application/sdp', `Content-Length: ${body.length}`, '', body];
  return ['SIP/2.0 200 OK', ...headers, contact, ...end].join('\r\n');
}

test('a call outlives its connection: the BYE goes by another', async () => {
  const carrier = await openPlainCarrier();
  const endpoint = await openEndpoint();
  const call = dial(endpoint, hopTo(carrier.port, 'tcp'));
  const leg = await call.answered;
  await until(() => carrier.requests.includes('ACK'), { what: 'the ACK', timeoutMs: 5_000 });
  carrier.drop();
  await until(() => endpoint.figures().connections === 0, { what: 'the connection to be lost', timeoutMs: 5_000 });
  leg.hangUp();
  const { cause, status } = await call.ended;
  assert.deepEqual([cause, status], ['local-bye', 200]);
  assert.deepEqual(carrier.requests, ['INVITE', 'ACK', 'BYE']);
});

test('an unanswered INVITE ends at once with its connection, and the next call makes another', async () => {
  const carrier = await openAnswering();
  const proxy = await startProxy(carrier.local.port);
  const endpoint = await openEndpoint();
  proxy.freeze();
  const call = dial(endpoint, hopTo(proxy.port, 'tcp'));
  await until(() => endpoint.figures().connections === 1, { what: 'the connection', timeoutMs: 5_000 });
  proxy.cut();
  assert.equal((await call.ended).cause, 'transport-error');
  proxy.thaw();
  proxy.restore();
  const next = dial(endpoint, hopTo(proxy.port, 'tcp'));
  await next.answered;
});

test('nobody there: the call ends at once and says so', async () => {
  const { cause, reason } = await dial(await openEndpoint(), hopTo(await freePort(), 'tcp')).ended;
  assert.equal(cause, 'transport-error');
  assert.match(reason, /TCP to 127\.0\.0\.1:\d+: refused, nothing listens there/);
});

test('sipsak asks over TCP and is answered', async () => {
  const endpoint = await openEndpoint();
  const child = await startChild({
    command: 'sipsak',
    args: ['-E', 'tcp', '-s', `sip:127.0.0.1:${endpoint.local.port}`],
    install: 'apt-get install -y sipsak',
  });
  cleanUps.push(() => child.stop());
  assert.equal(await child.waitForExit(20_000), 0, child.output());
});

/** Opens a connection from an address of our own; resolves when it is open, or has been refused. */
async function attack(endpoint: MeasuredSipEndpoint, from: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: endpoint.local.port, localAddress: from });
  socket.on('error', () => undefined);
  socket.on('data', () => assert.fail('something was answered'));
  cleanUps.push(async () => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return socket;
}

/** Also when it was reset, which `once` takes for a failure. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

test('10,000 connections of a stranger hold nothing up and are told nothing', async () => {
  const endpoint = await openEndpoint({ isKnownPeer: (address) => address === '127.0.0.2' });
  const carrier = await openEndpoint({ host: '127.0.0.2' });
  carrier.onInvite((call) => call.answer(sdp));
  const call = dial(endpoint, hopTo(carrier.local.port, 'tcp', '127.0.0.2'));
  const leg = await call.answered;
  for (let round = 0; round < 100; round++) {
    const sockets = await Promise.all(Array.from({ length: 100 }, () => attack(endpoint, '127.0.0.66')));
    await Promise.all(sockets.map(closed));
  }
  assert.equal(endpoint.figures().connectionsRefused, 10_000);
  leg.hangUp();
  assert.equal((await call.ended).status, 200);
  assert.equal(endpoint.figures().connections, 1);
});

test('garbage, and a body of four gigabytes, close a connection without an answer', async () => {
  const endpoint = await openEndpoint();
  const shapes = [
    Buffer.alloc(100_000, 0x80),
    Buffer.from('OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 4294967296\r\n\r\n'),
    Buffer.from('OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n\r\n'),
  ];
  for (const shape of shapes) {
    const socket = await attack(endpoint, '127.0.0.1');
    socket.write(shape);
    await closed(socket);
  }
  assert.equal(endpoint.figures().datagramsReceived, 0);
});
