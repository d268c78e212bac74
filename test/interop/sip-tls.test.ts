import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { afterEach, test } from 'node:test';
import { connect as connectTls, createServer } from 'node:tls';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createSipEndpoint, type SipEndpointOptions } from '../../src/telephony/sip/create-sip-endpoint.ts';
import type { Hop, MeasuredSipEndpoint, OutgoingCallEnd, TlsProfile } from '../../src/telephony/sip/endpoint-types.ts';
import { createTestAuthority, type TestCertificate } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';

/** TLS on real sockets, with certificates of all sorts. SIPp of Debian has no TLS, so both ends are ours; others are met as carriers. */

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';
const authority = createTestAuthority();
const otherAuthority = createTestAuthority();
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

/** A carrier that shows a certificate and answers every call; its TLS port. */
async function openCarrier(certificate: TestCertificate, options: Partial<SipEndpointOptions> = {}) {
  const port = await freePort();
  const carrier = await openEndpoint({ tls: { port, certificate }, ...options });
  carrier.onInvite((call) => call.answer(sdp));
  return { carrier, port };
}

function hopTo(port: number, serverName: string, changes: Partial<TlsProfile> = {}): Hop {
  const profile = { caCertificates: authority.certificate, certificate: null, privateKey: null, isVerified: true };
  return { address: '127.0.0.1', port, transport: 'tls', tls: { serverName, profile: { ...profile, ...changes } } };
}

/** Calls, hangs up what is answered; how it ended. */
function callAlong(endpoint: MeasuredSipEndpoint, hop: Hop): Promise<OutgoingCallEnd> {
  const { promise, resolve } = Promise.withResolvers<OutgoingCallEnd>();
  const call = endpoint.invite(
    {
      hops: [hop],
      targetUri: `sip:8613800000000@127.0.0.1:${hop.port};transport=tls`,
      from: '<sip:1008@127.0.0.1>',
      sipCallId: systemRandom().hex(8),
      offer: sdp,
      credentials: null,
    },
    (event) => {
      if (event.type === 'answered') call.hangUp();
      if (event.type === 'ended') resolve(event.end);
    },
  );
  return promise;
}

const good: [what: string, certificateNames: readonly string[], serverName: string][] = [
  ['a host name', ['DNS:carrier.example'], 'carrier.example'],
  ['a SIP URI of the domain', ['URI:sip:carrier.example', 'DNS:edge.example'], 'carrier.example'],
  ['an address', ['IP:127.0.0.1'], '127.0.0.1'],
  ['a name with a wildcard', ['DNS:*.carrier.example'], 'sip.carrier.example'],
];
for (const [what, names, serverName] of good) {
  test(`a call over TLS to ${what}`, async () => {
    const { carrier, port } = await openCarrier(authority.issue(names));
    const endpoint = await openEndpoint();
    const ends = await Promise.all([1, 2, 3].map(() => callAlong(endpoint, hopTo(port, serverName))));
    for (const { cause, status } of ends) assert.deepEqual([cause, status], ['local-bye', 200]);
    const { connections, requestsRetransmitted } = endpoint.figures();
    assert.deepEqual([connections, carrier.figures().connections, requestsRetransmitted], [1, 1, 0]);
  });
}

const bad: [what: string, certificate: () => TestCertificate, advice: RegExp][] = [
  ['has expired', () => authority.issue(['DNS:carrier.example'], -1), /has expired; its operator must renew it/],
  [
    'is for somebody else',
    () => authority.issue(['DNS:evil.example']),
    /is not for "carrier.example"; set the server name/,
  ],
  ['is for another SIP domain', () => authority.issue(['URI:sip:evil.example']), /is not for "carrier.example"/],
  [
    'is signed by a stranger',
    () => otherAuthority.issue(['DNS:carrier.example']),
    /nobody we trust; set the CA certificate/,
  ],
];
for (const [what, certificate, advice] of bad) {
  test(`a certificate that ${what} is not taken, and the reason says what to do`, async () => {
    const { carrier, port } = await openCarrier(certificate());
    const endpoint = await openEndpoint();
    const end = await callAlong(endpoint, hopTo(port, 'carrier.example'));
    assert.equal(end.cause, 'transport-error');
    assert.match(end.reason, advice);
    assert.equal(carrier.figures().datagramsReceived, 0);
    const unchecked = await callAlong(endpoint, hopTo(port, 'carrier.example', { isVerified: false }));
    assert.equal(unchecked.cause, 'local-bye', 'unless nothing is to be checked');
  });
}

test('without a CA of its own a trunk is held to the authorities of the system', async () => {
  const { port } = await openCarrier(authority.issue(['DNS:carrier.example']));
  const end = await callAlong(await openEndpoint(), hopTo(port, 'carrier.example', { caCertificates: null }));
  assert.match(end.reason, /nobody we trust/);
});

test('without a listener of ours the far side finds the connection by our Contact, and hangs up over it', async () => {
  const certificate = authority.issue(['DNS:carrier.example']);
  const { carrier, port } = await openCarrier(certificate);
  const contacts: (string | null)[] = [];
  carrier.onInvite((call) => {
    contacts.push(call.header('contact'));
    call.observe((event) => {
      if (event.type === 'acknowledged') call.hangUp();
    });
    call.answer(sdp);
  });
  const endpoint = await openEndpoint();
  const hop = hopTo(port, 'carrier.example');
  assert.equal(await endpoint.options([hop], new AbortController().signal), 200);
  const { promise, resolve } = Promise.withResolvers<OutgoingCallEnd>();
  const options = {
    targetUri: 'sip:1@carrier.example',
    from: '<sip:a@b>',
    sipCallId: 'x',
    offer: sdp,
    credentials: null,
  };
  endpoint.invite({ hops: [hop], ...options }, (event) => {
    if (event.type === 'ended') resolve(event.end);
  });
  assert.equal((await promise).cause, 'remote-bye');
  const [contact] = contacts;
  assert.match(contact ?? '', /^<sip:127\.0\.0\.1:\d+;transport=tls>$/);
  assert.doesNotMatch(contact ?? '', /:5061/);
  assert.deepEqual([endpoint.figures().connections, carrier.figures().connections], [1, 1]);
});

test('a carrier that wants a client certificate gets it, and its refusal says what to do', async () => {
  const own = authority.issue(['DNS:caller.example']);
  const shown = authority.issue(['DNS:carrier.example']);
  const subjects: (string | undefined)[] = [];
  const options = { cert: shown.certificate, key: shown.privateKey, ca: authority.certificate, requestCert: true };
  const server = createServer(options, (socket) => {
    socket.on('error', () => undefined);
    subjects.push(socket.getPeerCertificate().subjectaltname);
    socket.once('data', (bytes) => socket.write(bytes.toString('latin1').replace(/^OPTIONS .*/, 'SIP/2.0 200 OK')));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  const endpoint = await openEndpoint();
  const client = { certificate: own.certificate, privateKey: own.privateKey };
  const status = await endpoint.options([hopTo(port, 'carrier.example', client)], new AbortController().signal);
  assert.equal(status, 200);
  assert.deepEqual(subjects, ['DNS:caller.example']);
  const without = await callAlong(endpoint, hopTo(port, 'carrier.example'));
  assert.equal(without.cause, 'transport-error');
  assert.match(without.reason, /wants a client certificate, or another one; set certificate and key/);
  await endpoint.close(0);
});

test('a port that speaks no TLS, and one where nobody is', async () => {
  const carrier = await openEndpoint();
  const endpoint = await openEndpoint();
  const noTls = await callAlong(endpoint, hopTo(carrier.local.port, 'carrier.example'));
  assert.equal(noTls.cause, 'transport-error');
  const nobody = await callAlong(endpoint, hopTo(await freePort(), 'carrier.example'));
  assert.match(nobody.reason, /TLS to 127\.0\.0\.1:\d+: refused, nothing listens there/);
});

test('garbage on the TLS port, and a client of an old TLS, get nowhere and do no harm', async () => {
  const { carrier, port } = await openCarrier(authority.issue(['DNS:carrier.example']));
  const garbage = connectTcp({ host: '127.0.0.1', port });
  garbage.on('error', () => undefined);
  garbage.write('OPTIONS sip:a@b SIP/2.0\r\n\r\n'.repeat(100));
  await once(garbage, 'close');
  const old = connectTls({
    host: '127.0.0.1',
    port,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    rejectUnauthorized: false,
  });
  const [error] = await once(old, 'error');
  assert.match(String(error), /alert|protocol|version/i);
  assert.equal(carrier.figures().datagramsReceived, 0);
  const { cause } = await callAlong(await openEndpoint(), hopTo(port, 'carrier.example'));
  assert.equal(cause, 'local-bye');
});

test('a stranger gets no TLS at all', async () => {
  const certificate = authority.issue(['DNS:carrier.example']);
  const { carrier, port } = await openCarrier(certificate, { isKnownPeer: (address) => address === '127.0.0.2' });
  const end = await callAlong(await openEndpoint(), hopTo(port, 'carrier.example'));
  assert.equal(end.cause, 'transport-error');
  assert.deepEqual([carrier.figures().connections, carrier.figures().connectionsRefused], [0, 1]);
  const known = await openEndpoint({ host: '127.0.0.2' });
  assert.equal((await callAlong(known, hopTo(port, 'carrier.example'))).cause, 'local-bye');
});

test('a certificate that does not fit its key is told at the start', async () => {
  const { certificate } = authority.issue(['DNS:a.example']);
  const { privateKey } = authority.issue(['DNS:b.example']);
  const opening = openEndpoint({ tls: { port: 0, certificate: { certificate, privateKey } } });
  await assert.rejects(opening, /certificate and its key cannot be used together: .*key values mismatch/);
});
