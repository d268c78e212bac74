import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import type { MeasuredSipEndpoint, OutgoingCallEvent, SocketAddress } from '../../src/telephony/sip/endpoint-types.ts';
import { udpHop } from '../../src/telephony/sip/transport/hop.ts';
import { bindUdpTransport } from '../../src/telephony/sip/transport/udp-transport.ts';
import type { SipFlood, SipFloodReport } from '../support/sip-flood-worker.ts';

/** The SIP port on real sockets, under attack. The attacker sits on another loopback address than the trunk. */

const trunkHost = '127.0.0.1';
const attackerHost = '127.0.0.66';
const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  while (cleanUps.length > 0) await cleanUps.pop()?.();
});

async function openEndpoint(isKnownPeer?: (address: string) => boolean): Promise<MeasuredSipEndpoint> {
  const endpoint = await createSipEndpoint({
    host: trunkHost,
    port: 0,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger(),
    userAgent: 'Carillon interop',
    ...(isKnownPeer === undefined ? {} : { isKnownPeer }),
  });
  cleanUps.push(() => endpoint.close(0));
  return endpoint;
}

async function openSocket(host: string): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, host);
  await once(socket, 'listening');
  cleanUps.push(async () => socket.close());
  return socket;
}

/** Floods an address; `sent(n)` resolves to the latest report once n datagrams have left. */
function startFlood(to: SocketAddress, perSecond: number) {
  const flood: SipFlood = { from: attackerHost, to, perSecond };
  const worker = new Worker(join(import.meta.dirname, '..', 'support', 'sip-flood-worker.ts'), { workerData: flood });
  cleanUps.push(() => worker.terminate());
  return {
    async sent(count: number): Promise<SipFloodReport> {
      for (;;) {
        const [report] = (await once(worker, 'message')) as [SipFloodReport];
        if (report.sent >= count) return report;
      }
    },
  };
}

type Ring = { readonly events: OutgoingCallEvent[]; readonly hangUp: () => void; readonly ended: Promise<void> };

/** Calls the trunk; resolves when it has answered. */
async function callTrunk(endpoint: MeasuredSipEndpoint, destination: SocketAddress): Promise<Ring> {
  const events: OutgoingCallEvent[] = [];
  const answered = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const call = endpoint.invite(
    {
      hops: [udpHop(destination)],
      targetUri: `sip:8613800000000@${destination.address}:${destination.port}`,
      from: '<sip:1008@127.0.0.1>',
      sipCallId: systemRandom().hex(8),
      offer: sdp,
      credentials: null,
    },
    (event) => {
      events.push(event);
      if (event.type === 'answered') answered.resolve();
      if (event.type === 'ended') {
        answered.reject(new Error(`ended: ${event.end.cause} ${event.end.status}`));
        ended.resolve();
      }
    },
  );
  await answered.promise;
  return { events, hangUp: () => call.hangUp(), ended: ended.promise };
}

test('calls go on and end right while a stranger floods the port, and the stranger hears nothing', async () => {
  const endpoint = await openEndpoint((address) => address === trunkHost);
  const trunk = await openEndpoint();
  trunk.onInvite((call) => {
    call.provisional(180, 'Ringing');
    call.answer(sdp);
  });
  const before = await callTrunk(endpoint, trunk.local);
  const flood = startFlood(endpoint.local, 20_000);
  await flood.sent(10_000);
  const during = await Promise.all(Array.from({ length: 20 }, () => callTrunk(endpoint, trunk.local)));
  await flood.sent(40_000);
  for (const call of [before, ...during]) call.hangUp();
  await Promise.all([before, ...during].map((call) => call.ended));
  for (const { events } of [before, ...during]) {
    const end = events.at(-1);
    assert.ok(end?.type === 'ended');
    assert.deepEqual([end.end.cause, end.end.status], ['local-bye', 200]);
  }
  const { sent, received } = await flood.sent(60_000);
  assert.equal(received, 0);
  const { activeCalls, transactions, datagramsDropped } = endpoint.figures();
  assert.equal(activeCalls, 0);
  // Those of our own 21 calls that wait for late repetitions; none for the flood.
  assert.ok(transactions <= 2 * 21, `${transactions} transactions`);
  assert.ok(datagramsDropped > sent / 10, `${datagramsDropped} of ${sent} dropped here, the others in the kernel`);
});

test('nothing is sent to groups, to everybody, to nobody or to port 0', async () => {
  const transport = await bindUdpTransport({ host: trunkHost, port: 0, logger: silentLogger() });
  cleanUps.push(() => transport.close());
  const send = (address: string, port: number): Promise<Error | null> =>
    new Promise((resolve) => transport.send(Buffer.from('x'), { address, port }, resolve));
  for (const address of ['224.0.1.75', '255.255.255.255', '0.0.0.0']) {
    assert.ok((await send(address, 5060)) instanceof RangeError, address);
  }
  for (const port of [0, -1, 65_536]) assert.ok((await send(trunkHost, port)) instanceof RangeError, String(port));
  assert.equal(await send(trunkHost, transport.local.port), null);
});

test('a response from another address is not ours; from another port of the same address it is', async () => {
  const endpoint = await openEndpoint();
  const asked = await openSocket(trunkHost);
  const sameHost = await openSocket(trunkHost);
  const attacker = await openSocket(attackerHost);
  const requested = once(asked, 'message') as Promise<[Buffer]>;
  const status = endpoint.options([udpHop(asked.address())], new AbortController().signal);
  const [datagram] = await requested;
  const headers = datagram.toString('latin1').split('\r\n').slice(1).join('\r\n');
  const respond = (socket: Socket, line: string): Promise<void> =>
    new Promise((resolve) => {
      const { address, port } = endpoint.local;
      socket.send(`SIP/2.0 ${line}\r\n${headers}`, port, address, () => resolve());
    });
  await respond(attacker, '403 Forbidden');
  await respond(sameHost, '200 OK');
  assert.equal(await status, 200);
  assert.equal(endpoint.figures().datagramsDropped, 1);
});
