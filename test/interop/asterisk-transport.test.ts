import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { TrunkTarget } from '../../src/call/engine.ts';
import {
  type AsteriskCarrier,
  carrierTones,
  endpointSection,
  section,
  startAsteriskCarrier,
} from '../support/asterisk-carrier.ts';
import { heardTones } from '../support/tone.ts';
import { trunkTarget } from '../support/trunk-target.ts';

const login = (name: string): string =>
  section(name, 'auth', { auth_type: 'userpass', username: name, password: 's3cret trunk' });

const pjsip = [
  endpointSection('anonymous'),
  endpointSection('sealed', { auth: 'sealed', media_encryption: 'sdes' }),
  login('sealed'),
  endpointSection('six', { auth: 'six', media_address: '::1', rtp_ipv6: 'yes' }),
  login('six'),
].join('');

const dialplan = `
[carrier]
exten => _1X.,1,Answer()
 same => n,Record(\${SPOOL}/\${EXTEN}.wav,0,20,qk)
 same => n,Hangup()
`;

const sealed = { username: 'sealed', password: 's3cret trunk' };
const six = { username: 'six', password: 's3cret trunk' };

/** The certificate that Asterisk shows is its own authority. */
const trusted: TrunkTarget['tls'] = {
  ...trunkTarget().tls,
  caCertificates: readFileSync(new URL('../fixtures/tls/certificate.pem', import.meta.url), 'utf8'),
  serverName: 'carillon.test',
};

describe('Asterisk as the carrier, over other transports', () => {
  let carrier: AsteriskCarrier;
  before(async () => {
    carrier = await startAsteriskCarrier(pjsip, dialplan);
  });
  after(() => carrier?.close());

  async function assertHeard(number: string, trunk: Partial<TrunkTarget>): Promise<void> {
    await carrier.playAndHangUp(carrier.dial(number, trunk));
    assert.deepEqual(heardTones(await carrier.asterisk.heard(number), carrierTones), carrierTones);
  }

  const tls = (): Partial<TrunkTarget> => ({ transport: 'tls', port: carrier.asterisk.tlsPort, tls: trusted });

  test('a call over TCP', () => assertHeard('1101', { transport: 'tcp' }));

  test('a call over TLS with a verified certificate', () => assertHeard('1102', tls()));

  test('TLS: a certificate for another name is refused, and no call is made', async () => {
    const end = await carrier.dial('1103', { ...tls(), tls: { ...trusted, serverName: 'other.test' } }).end();
    assert.equal(end.cause, 'transport-error');
  });

  test('TLS: a certificate of an unknown authority is refused, unless the trunk says not to verify', async () => {
    const untrusted = { ...trusted, caCertificates: null };
    const end = await carrier.dial('1104', { ...tls(), tls: untrusted }).end();
    assert.equal(end.cause, 'transport-error');
    await assertHeard('1105', { ...tls(), tls: { ...untrusted, isVerified: false } });
  });

  test('SRTP with keys in the SDP (SDES), over TLS', () =>
    assertHeard('1106', { ...tls(), ...sealed, mediaEncryption: 'sdes' }));

  test('SRTP asked for by us and not spoken by Asterisk: no call in the clear', async () => {
    const end = await carrier.dial('1107', { ...tls(), mediaEncryption: 'sdes' }).end();
    assert.ok(!end.isAnswered);
    assert.equal(end.sipStatus, 488);
  });

  test('SRTP asked for by Asterisk and not spoken by us: refused', async () => {
    const end = await carrier.dial('1108', { ...tls(), ...sealed }).end();
    assert.equal(end.sipStatus, 488);
  });

  test('a call over IPv6, with audio over IPv6', () => assertHeard('1109', { host: '::1', ...six }));

  test('a call over IPv6 to one that has audio over IPv4 only ends with the reason', async () => {
    const end = await carrier.dial('1110', { host: '::1' }).end();
    assert.deepEqual([end.cause, end.reason], ['media-failed', 'media address 127.0.0.1 is not IPv6 as ours is']);
  });
});
