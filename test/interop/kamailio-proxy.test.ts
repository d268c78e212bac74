import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TrunkRegistrationStatus, TrunkTarget } from '../../src/call/engine.ts';
import type { TracedMessage } from '../../src/call/trace.ts';
import { type Kamailio, type KamailioOptions, startKamailio } from '../support/kamailio.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { type LoopbackEngine, openLoopbackEngine } from '../support/loopback-engine.ts';
import { ObservedLeg } from '../support/observed-leg.ts';
import { startSippServer } from '../support/sipp.ts';
import { trunkTarget } from '../support/trunk-target.ts';
import { until } from '../support/until.ts';

const login = { username: 'acme', password: 's3cret trunk' };
const scenario = fileURLToPath(new URL('./carrier/uas-hold-and-resume.xml', import.meta.url));

const trusted: TrunkTarget['tls'] = {
  ...trunkTarget().tls,
  caCertificates: readFileSync(new URL('../fixtures/tls/certificate.pem', import.meta.url), 'utf8'),
  serverName: 'carillon.test',
};

describe('Kamailio as registrar and proxy of the carrier', () => {
  let own: LoopbackEngine;
  let gateway: FarSide;
  let kamailio: Kamailio;
  before(async () => {
    own = await openLoopbackEngine({ tones: [500, 900] });
    gateway = await startFarSide({ behave: () => ({ kind: 'answer', ringMs: 50, talkMs: null }) });
    kamailio = await startKamailio(behind([gateway.port]));
  });
  after(async () => {
    await own?.engine.close();
    await kamailio?.stop();
    await gateway?.close();
  });

  function behind(ports: readonly number[]): KamailioOptions {
    return { ...login, gateways: ports.map((port) => `sip:127.0.0.1:${port}`), registrar: null };
  }

  const overTls = (): Partial<TrunkTarget> => ({ transport: 'tls', port: kamailio.tlsPort, tls: trusted });

  let calls = 0;
  function dial(number: string, port: number, trunk: Partial<TrunkTarget> = {}) {
    const messages: TracedMessage[] = [];
    calls += 1;
    const call = new ObservedLeg(own.engine, {
      ...{ sipCallId: `kamailio-${calls}`, number, displayNum: '1008', ringTimeoutMs: 20_000 },
      trunk: trunkTarget({ ...login, port, ...trunk }),
      trace: { message: (message) => messages.push(message), note: () => undefined },
    });
    return { call, messages };
  }

  async function assertCarried(number: string, trunk: Partial<TrunkTarget>): Promise<void> {
    const { call, messages } = dial(number, trunk.port ?? kamailio.sipPort, trunk);
    await call.until('answered');
    call.leg.play('tones', 1);
    await call.until('play-ended');
    call.leg.hangUp();
    assert.equal((await call.end()).cause, 'local-hangup');
    const entries = gateway.entries().filter((entry) => entry.number === number);
    assert.deepEqual(
      entries.map(({ isAcknowledged, end }) => ({ isAcknowledged, end })),
      [{ isAcknowledged: true, end: 'caller-bye' }],
    );
    const sent = messages.filter(({ direction }) => direction === 'sent').map(({ text }) => text);
    assert.ok(
      sent.some((text) => /^INVITE .*^Proxy-Authorization: /ms.test(text)),
      'a password was asked for',
    );
    const later = sent.filter((text) => /^(ACK|BYE) sip:[^ ]*:\d+/.test(text) && /^Route: <sip:127/m.test(text));
    assert.equal(later.length, 2, 'ACK and BYE go the way that the proxy recorded');
  }

  test('a call with digest (407) by the recorded route, over UDP', () => assertCarried('861001', {}));
  test('a call with digest (407) by the recorded route, over TCP', () => assertCarried('861002', { transport: 'tcp' }));
  test('a call with digest (407) by the recorded route, over TLS', () => assertCarried('861003', overTls()));

  test('a wrong password is refused', async () => {
    const { call } = dial('861004', kamailio.sipPort, { password: 'guessed' });
    const end = await call.end();
    assert.deepEqual([end.cause, end.sipStatus], ['rejected', 407]);
  });

  test('hold, resume and hang-up by the gateway come through the proxy', async () => {
    const phone = await startSippServer({ scenario, calls: 1 });
    const proxy = await startKamailio(behind([phone.port]));
    try {
      const { call } = dial('861005', proxy.sipPort);
      await call.until('answered');
      assert.equal((await call.end()).cause, 'remote-hangup');
      const { exitCode, errors } = await phone.finished(10_000);
      assert.equal(exitCode, 0, errors);
    } finally {
      await proxy.stop();
      await phone.stop();
    }
  });

  test('failover by the proxy: a gateway that refuses and one that is silent are passed over', async () => {
    const refusing = await startFarSide({
      behave: () => ({ kind: 'reject', ringMs: null, status: 503, reason: 'Service Unavailable' }),
    });
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
    const proxy = await startKamailio(behind([refusing.port, silent.address().port, gateway.port]));
    try {
      const { call } = dial('861006', proxy.sipPort);
      await call.until('answered');
      call.leg.hangUp();
      assert.equal((await call.end()).cause, 'local-hangup');
      const callsTo = (side: FarSide): number => side.entries().filter(({ number }) => number === '861006').length;
      assert.deepEqual([callsTo(refusing), callsTo(gateway)], [1, 1]);
    } finally {
      await proxy.stop();
      silent.close();
      await refusing.close();
    }
  });

  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    test(`registration with digest over ${transport.toUpperCase()}, and taken back`, async () => {
      const trunk = trunkTarget({ ...login, port: kamailio.sipPort, transport, ...(transport === 'tls' && overTls()) });
      const seen: TrunkRegistrationStatus[] = [];
      const registration = own.engine.register({ trunk, expiresS: 600 }, (status) => seen.push(status));
      await until(() => seen.some(({ state }) => state === 'registered'), {
        what: 'the registration',
        timeoutMs: 10_000,
        everyMs: 20,
        detail: () => JSON.stringify(seen) + kamailio.output(),
      });
      await registration.close();
    });
  }
});
