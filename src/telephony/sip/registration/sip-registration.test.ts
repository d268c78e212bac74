import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ByteStream } from '../../../lib/byte-stream.ts';
import type { Hop, RegisterOptions, Registration, RegistrationStatus } from '../endpoint-types.ts';
import type { Endpoint } from '../sip-endpoint.ts';
import { calleeAddress, callerAddress, SipBench } from '../testing/endpoint-pair.ts';
import { MemoryRegistrar } from '../testing/memory-registrar.ts';
import { udpHop } from '../transport/hop.ts';
import type { DatagramReceiver, DatagramTransport } from '../transport/transport.ts';

const credentials = { username: '1008', password: 'secret' };
const ourContact = 'sip:1008@10.0.0.1:5060';

const registerOptions: RegisterOptions = {
  registrarUri: 'sip:carrier.example',
  addressOfRecord: 'sip:1008@carrier.example',
  locate: async () => [udpHop(calleeAddress)],
  routes: [],
  contactUser: '1008',
  furtherContacts: [],
  credentials,
  expiresS: 600,
  instanceId: null,
};

/** Lets time pass, and what waits for promises go on. */
async function pass(bench: SipBench, seconds: number, stepMs = 50): Promise<void> {
  for (let ms = 0; ms < seconds * 1000; ms += stepMs) {
    bench.clock.advance(stepMs);
    await Promise.resolve();
    await Promise.resolve();
  }
}

/** What comes over any connection to the callee's address, a message at a time, and the answers back over the latest one. */
function streamsAsDatagrams(bench: SipBench): DatagramTransport {
  let receiver: DatagramReceiver = () => undefined;
  let latest: ByteStream | null = null;
  bench.streams.host(calleeAddress).onIncoming((incoming) => {
    latest = incoming.accept({
      onConnected: () => assert.fail('an incoming stream is connected'),
      onBytes: (bytes) => receiver(bytes, callerAddress),
      onClosed: () => undefined,
    });
  });
  return {
    local: calleeAddress,
    send: (datagram) => latest?.write(datagram),
    receive: (taken) => {
      receiver = taken;
    },
    close: async () => undefined,
  };
}

class RegistrationBench extends SipBench {
  readonly client: Endpoint = this.endpoint(callerAddress);
  readonly registrar: MemoryRegistrar;
  readonly statuses: RegistrationStatus[] = [];

  constructor(options: { seed?: number; loss?: number; asks?: boolean } = {}) {
    super(options.seed, options.loss);
    this.registrar = new MemoryRegistrar(this.network.bind(calleeAddress), options.asks ? credentials : null);
  }

  register(options: Partial<RegisterOptions> = {}): Registration {
    return this.client.register({ ...registerOptions, ...options }, (status) => this.statuses.push(status));
  }

  pass(seconds: number, stepMs?: number): Promise<void> {
    return pass(this, seconds, stepMs);
  }

  get states(): string[] {
    return this.statuses.map(({ state }) => state).filter((state, at, all) => state !== all[at - 1]);
  }
}

describe('a registration', () => {
  it('is made with digest, refreshed with one Call-ID and rising numbers, and taken back', async () => {
    const bench = new RegistrationBench({ asks: true });
    const registration = bench.register();
    await bench.pass(1);
    assert.deepEqual([...bench.registrar.bindings], [[ourContact, 600]]);
    assert.equal(registration.status.state, 'registered');
    const [first, second] = bench.registrar.received;
    assert.equal(first?.uri, 'sip:carrier.example');
    assert.equal(first?.header('to'), '<sip:1008@carrier.example>');
    assert.match(first?.header('from') ?? '', /^<sip:1008@carrier\.example>;tag=/);
    assert.equal(second?.callId, first?.callId);
    await bench.pass(1200);
    // The credentials are sent at once from the second time on: one REGISTER for each refresh.
    const numbers = bench.registrar.received.map((request) => request.cseq?.number);
    assert.deepEqual(numbers, [1, 2, 3, 4]);
    assert.deepEqual(new Set(bench.registrar.received.map((request) => request.callId)).size, 1);
    const closed = registration.close(5000);
    await bench.pass(1);
    await closed;
    assert.deepEqual([...bench.registrar.bindings], []);
    assert.equal(bench.registrar.received.at(-1)?.header('expires'), '0');
    assert.deepEqual(bench.states, ['registered', 'unregistered']);
    await bench.pass(2000);
    assert.equal(bench.registrar.received.length, 5);
  });

  it('answers a stale nonce with the new one', async () => {
    const bench = new RegistrationBench({ asks: true });
    bench.register();
    await bench.pass(1);
    bench.registrar.nonce = 'second';
    await bench.pass(600);
    assert.equal(bench.registrar.received.length, 4);
    assert.deepEqual(bench.states, ['registered']);
  });

  it('goes by its own binding, not by those of others, and leaves them alone', async () => {
    const bench = new RegistrationBench();
    bench.registrar.bindings.set('sip:1008@10.0.0.9:5060', 60);
    bench.registrar.grantedS = 300;
    const registration = bench.register();
    await bench.pass(1);
    const leftS = ((registration.status.expiresAt ?? 0) - bench.clock.now()) / 1000;
    assert.ok(leftS > 298 && leftS <= 300, `300 s, got ${leftS}`);
    const closed = registration.close(5000);
    await bench.pass(1);
    await closed;
    assert.deepEqual([...bench.registrar.bindings.keys()], ['sip:1008@10.0.0.9:5060']);
  });

  it('asks for the time that a 423 names', async () => {
    const bench = new RegistrationBench();
    bench.registrar.override = (request) =>
      Number(request.header('expires')) < 1800
        ? { status: '423 Interval Too Brief', lines: 'Min-Expires: 1800\r\n' }
        : undefined;
    bench.register();
    await bench.pass(1);
    assert.deepEqual([...bench.registrar.bindings.values()], [1800]);
    assert.equal(bench.registrar.received.length, 2);
  });

  it('says why it is refused, and asks again after two minutes at most', async () => {
    const bench = new RegistrationBench();
    bench.registrar.override = () => ({ status: '403 Forbidden', lines: '' });
    bench.register();
    await bench.pass(59);
    assert.deepEqual([bench.states, bench.statuses.at(-1)?.reason], [['failed'], '403 Forbidden']);
    assert.equal(bench.registrar.received.length, 1);
    bench.registrar.override = () => undefined;
    await bench.pass(62);
    assert.deepEqual(bench.states, ['failed', 'registering', 'registered']);
  });

  it('with a wrong password is refused, and does not go on asking', async () => {
    const bench = new RegistrationBench({ asks: true });
    bench.register({ credentials: { username: '1008', password: 'wrong' } });
    await bench.pass(50);
    // The registrar calls the nonce stale each time, so that the answer is tried three times.
    assert.equal(bench.registrar.received.length, 4);
    assert.equal(bench.statuses.at(-1)?.reason, '401 Unauthorized');
  });

  it('waits as long as a 503 says', async () => {
    const bench = new RegistrationBench();
    bench.registrar.override = () => ({ status: '503 Service Unavailable', lines: 'Retry-After: 100\r\n' });
    bench.register();
    await bench.pass(99);
    assert.equal(bench.registrar.received.length, 1);
    await bench.pass(10);
    assert.equal(bench.registrar.received.length, 2);
  });

  it('stands while refreshes come to nothing, until it lapses', async () => {
    const bench = new RegistrationBench();
    const registration = bench.register();
    await bench.pass(1);
    bench.registrar.override = () => ({ status: '500 Server Internal Error', lines: '' });
    await bench.pass(597);
    assert.equal(registration.status.state, 'registered');
    assert.equal(registration.status.reason, '500 Server Internal Error');
    await bench.pass(3);
    assert.equal(registration.status.state, 'failed');
    bench.registrar.override = () => undefined;
    await bench.pass(300);
    assert.equal(registration.status.state, 'registered');
    assert.equal(registration.status.reason, null);
  });

  it('tries the next address when one gives no answer, and keeps to the one that did', async () => {
    const bench = new RegistrationBench();
    const dead = udpHop({ address: '10.0.0.3', port: 5060 });
    const registration = bench.register({ locate: async () => [dead, udpHop(calleeAddress)] });
    await bench.pass(34);
    assert.equal(registration.status.state, 'registered');
    const toDead = (): number => bench.network.seen.filter(({ to }) => to.address === dead.address).length;
    const before = toDead();
    await bench.pass(600);
    assert.equal(toDead(), before);
  });

  it('that cannot be located fails with the reason', async () => {
    const bench = new RegistrationBench();
    bench.register({ locate: () => Promise.reject(new Error('cannot resolve carrier.example')) });
    await bench.pass(1);
    assert.deepEqual([bench.states, bench.statuses.at(-1)?.reason], [['failed'], 'cannot resolve carrier.example']);
  });

  it('takes the Service-Route of the last grant, and goes through the outbound proxy', async () => {
    const bench = new RegistrationBench();
    bench.registrar.lines = 'Service-Route: <sip:a.example;lr>, <sip:b.example;lr>\r\nPath: <sip:edge.example;lr>\r\n';
    const registration = bench.register({ routes: ['<sip:10.0.0.2;lr>'] });
    await bench.pass(1);
    assert.deepEqual(registration.status.serviceRoute, ['<sip:a.example;lr>', '<sip:b.example;lr>']);
    assert.equal(bench.registrar.received[0]?.header('route'), '<sip:10.0.0.2;lr>');
    bench.registrar.lines = '';
    await bench.pass(600);
    assert.deepEqual(registration.status.serviceRoute, []);
  });

  it('offers RFC 5626, and does without where the first hop cannot', async () => {
    const bench = new RegistrationBench();
    bench.registrar.override = (request) =>
      request.header('contact')?.includes('reg-id')
        ? { status: '439 First Hop Lacks Outbound Support', lines: '' }
        : undefined;
    const registration = bench.register({ instanceId: 'urn:uuid:00000000-0000-1000-8000-000a95a0e128' });
    await bench.pass(1);
    const [first, second] = bench.registrar.received;
    assert.match(
      first?.header('contact') ?? '',
      /^<sip:1008@10\.0\.0\.1:5060>;\+sip\.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>";reg-id=1;expires=600$/,
    );
    assert.equal(first?.header('supported'), 'path, outbound');
    assert.doesNotMatch(second?.header('contact') ?? '', /reg-id|instance/);
    assert.equal(registration.status.state, 'registered');
  });

  it('of several contacts lasts as long as the shortest', async () => {
    const bench = new RegistrationBench();
    bench.registrar.override = () => ({
      status: '200 OK',
      lines: `Contact: <${ourContact}>;expires=500, <sip:1008@[2001:db8::1]:5060>;expires=200\r\nExpires: 900\r\n`,
    });
    const registration = bench.register({ furtherContacts: ['sip:1008@[2001:DB8::1]:5060'] });
    await bench.pass(1);
    const leftS = ((registration.status.expiresAt ?? 0) - bench.clock.now()) / 1000;
    assert.ok(leftS > 198 && leftS <= 200, `200 s, got ${leftS}`);
    assert.deepEqual(bench.registrar.received[0]?.list('contact').length, 2);
  });

  it('survives a tenth of all datagrams being lost: never unregistered over six hours, one REGISTER at a time', async () => {
    for (const seed of [1, 2, 3]) {
      const bench = new RegistrationBench({ seed, loss: 0.1, asks: true });
      const registration = bench.register();
      await bench.pass(40);
      assert.equal(registration.status.state, 'registered');
      await bench.pass(21_600, 500);
      assert.deepEqual(bench.states, ['registered']);
      const numbers = bench.registrar.received.map((request) => request.cseq?.number ?? 0);
      assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
      );
    }
  });
});

describe('a registration over a connection', () => {
  const tcp: Hop = { ...calleeAddress, transport: 'tcp', tls: null };

  /** A registrar that is reached over connections alone. */
  function connected() {
    const bench = new SipBench();
    const client = bench.endpoint(callerAddress);
    const registrar = new MemoryRegistrar(streamsAsDatagrams(bench));
    const statuses: RegistrationStatus[] = [];
    const options = { ...registerOptions, locate: async () => [tcp] };
    const registration = client.register(options, (status) => statuses.push(status));
    return { bench, registrar, registration, statuses, pass: (seconds: number) => pass(bench, seconds) };
  }

  it('names the connection in its Contact, and is made again at once when the connection is lost', async () => {
    const it = connected();
    await it.pass(1);
    assert.deepEqual([...it.registrar.bindings], [['sip:1008@10.0.0.1:5060;transport=tcp', 600]]);
    it.bench.streams.cut();
    await it.pass(1);
    assert.equal(it.registrar.received.length, 2);
    assert.equal(it.bench.streams.tried, 2);
    assert.deepEqual([it.registration.status.state, it.registration.status.reason], ['registered', null]);
  });

  it('that is lost again and again is made again with patience, and stands meanwhile', async () => {
    const it = connected();
    for (let loss = 0; loss < 100; loss += 1) {
      await it.pass(1);
      it.bench.streams.cut();
    }
    assert.ok(it.registrar.received.length < 15, `${it.registrar.received.length} REGISTERs in 100 s`);
    assert.deepEqual(new Set(it.statuses.map(({ state }) => state)), new Set(['registered']));
  });
});

describe('the end of an endpoint', () => {
  it('takes the registrations back', async () => {
    const bench = new RegistrationBench();
    bench.register();
    await bench.pass(1);
    const closed = bench.client.close(2000);
    await bench.pass(1);
    await closed;
    assert.deepEqual([...bench.registrar.bindings], []);
  });

  it('waits no longer than its grace for a registrar that is silent', async () => {
    const bench = new RegistrationBench();
    bench.register();
    await bench.pass(1);
    bench.registrar.override = () => null;
    const closed = bench.client.close(2000);
    await bench.pass(2.1);
    await closed;
    assert.equal(bench.clock.pendingCount, 0);
  });
});
