import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import type { SipEndpoint } from '../../src/telephony/sip/endpoint-types.ts';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { at, type Json, listAt, numberAt } from '../support/json.ts';

/** What an operator hears who sets up a trunk, from the whole platform. */

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
const host = '127.0.0.1';

describe('testing a trunk', { timeout: 300_000 }, () => {
  let carillon: Carillon;
  let carrier: SipEndpoint;
  const tls: Server = createServer({ cert: pem('certificate'), key: pem('private-key') });

  before(async () => {
    const shared = { clock: systemClock, random: systemRandom(), logger: silentLogger() };
    carrier = await createSipEndpoint({ ...shared, host, port: 0, userAgent: 'carrier' });
    // Whoever does not believe the certificate breaks off.
    tls.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => tls.listen(0, host, resolve));
    carillon = await startCarillon();
  });
  after(async () => {
    await carillon?.stop();
    await carrier?.close(0);
    tls.close();
  });

  let count = 0;
  /** Makes a trunk and tests it. */
  async function testOf(settings: { readonly [key: string]: Json }): Promise<Json> {
    const trunk = await carillon.admin('POST', '/trunks', { name: `trunk ${++count}`, host, ...settings });
    return carillon.admin('POST', `/trunks/${numberAt(trunk, 'trunkId')}/test`);
  }

  function onlyServer(answer: Json): Json {
    const [process] = listAt(answer, 'processes');
    const [server] = listAt(process ?? null, 'servers');
    return server ?? null;
  }

  const tlsPort = (): number => {
    const address = tls.address();
    assert.ok(address !== null && typeof address === 'object');
    return address.port;
  };

  test('one that answers', async () => {
    const answer = await testOf({ port: carrier.local.port });
    assert.equal(at(answer, 'isReachable'), true);
    assert.deepEqual([at(onlyServer(answer), 'status'), at(onlyServer(answer), 'transport')], [200, 'udp']);
  });

  test('one where nobody answers', async () => {
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(0, host, resolve));
    try {
      const answer = await testOf({ port: silent.address().port });
      assert.equal(at(answer, 'isReachable'), false);
      assert.deepEqual(
        [at(onlyServer(answer), 'status'), at(onlyServer(answer), 'reason')],
        [null, 'no answer in time'],
      );
    } finally {
      silent.close();
    }
  });

  test('one whose name leads nowhere', async () => {
    const answer = await testOf({ host: 'nowhere.invalid' });
    assert.match(String(at(listAt(answer, 'processes')[0] ?? null, 'problem')), /nowhere\.invalid/);
  });

  test('one whose certificate nobody vouches for', async () => {
    const answer = await testOf({ port: tlsPort(), transport: 'tls', tlsServerName: 'carillon.test' });
    assert.match(String(at(onlyServer(answer), 'reason')), /signed by nobody we trust/);
  });

  test('one whose certificate carries another name', async () => {
    const trusted = { tlsCaCertificates: pem('certificate'), tlsServerName: 'sip.example.com' };
    const answer = await testOf({ port: tlsPort(), transport: 'tls', ...trusted });
    assert.match(String(at(onlyServer(answer), 'reason')), /sip\.example\.com/);
    assert.equal(at(onlyServer(answer), 'tlsServerName'), 'sip.example.com');
  });
});
