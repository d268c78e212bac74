import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { decode } from 'dns-packet';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { type DnsServer, socketWire } from '../../src/telephony/dns/dns-wire.ts';
import { StubResolver } from '../../src/telephony/dns/stub-resolver.ts';
import { aRecord, replyTo } from '../../src/telephony/dns/testing/scripted-wire.ts';
import { freePort } from '../support/free-port.ts';

/** The stub resolver on real sockets, with a server that a test can make say anything, in pieces or from elsewhere. */

const host = '127.0.0.1';

describe('DNS over sockets', { timeout: 300_000 }, () => {
  let datagrams: Socket;
  let forger: Socket;
  let streams: Server;
  let server: DnsServer;
  /** The port that each question came from. */
  const askedFrom: number[] = [];
  const good = (question: Buffer): Buffer =>
    replyTo(decode(question), { answers: [aRecord('sip.example', '192.0.2.1', 60)] });
  const forged = (question: Buffer): Buffer =>
    replyTo(decode(question), { answers: [aRecord('sip.example', '192.0.2.66', 60)] });
  let onDatagram: (question: Buffer, from: number) => void = () => undefined;
  let sendPieces: (question: Buffer) => Buffer[] = () => [];

  before(async () => {
    datagrams = createSocket('udp4');
    datagrams.on('message', (question, { port }) => {
      askedFrom.push(port);
      onDatagram(question, port);
    });
    datagrams.bind(0, host);
    await once(datagrams, 'listening');
    const { port } = datagrams.address();
    server = { address: host, port };
    forger = createSocket('udp4');
    forger.bind(0, host);
    await once(forger, 'listening');
    streams = createServer((socket) => {
      socket.setNoDelay();
      socket.on('error', () => undefined);
      socket.once('data', async (data) => {
        for (const piece of sendPieces(data.subarray(2))) {
          socket.write(piece);
          await new Promise(setImmediate);
        }
      });
    });
    streams.listen(port, host);
    await once(streams, 'listening');
    assert.equal((streams.address() as AddressInfo).port, port);
  });
  after(() => {
    datagrams.close();
    forger.close();
    streams.close();
  });

  function ask(servers: readonly DnsServer[] = [server]) {
    const resolver = new StubResolver({
      ...{ servers: () => servers, wire: socketWire, clock: systemClock, random: systemRandom() },
    });
    return resolver.a('sip.example');
  }

  it('asks from another port each time', async () => {
    askedFrom.length = 0;
    onDatagram = (question, from) => datagrams.send(good(question), from, host);
    for (let count = 0; count < 20; count++) assert.equal((await ask()).kind, 'records');
    assert.ok(new Set(askedFrom).size > 15, `${askedFrom}`);
  });

  it('hears nothing of what comes from another address, though it is right in all else', async () => {
    onDatagram = (question, from) => {
      forger.send(forged(question), from, host, () => datagrams.send(good(question), from, host));
    };
    assert.deepEqual(await ask(), { kind: 'records', records: ['192.0.2.1'], ttlS: 60 });
  });

  it('takes an answer over TCP in whatever pieces it comes', async () => {
    onDatagram = (question, from) => datagrams.send(replyTo(decode(question), { isTruncated: true }), from, host);
    sendPieces = (question) => {
      const answer = good(question);
      const framed = Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 255]), answer]);
      return [framed.subarray(0, 1), framed.subarray(1, 20), framed.subarray(20)];
    };
    assert.deepEqual(await ask(), { kind: 'records', records: ['192.0.2.1'], ttlS: 60 });
  });

  it('turns to the next server at once where nobody listens', async () => {
    onDatagram = (question, from) => datagrams.send(good(question), from, host);
    const closed = { address: host, port: await freePort() };
    assert.equal((await ask([closed, server])).kind, 'records');
    const alone = await ask([closed]);
    assert.ok(alone.kind === 'failed');
    assert.match(alone.reason, /ECONNREFUSED/);
  });
});
