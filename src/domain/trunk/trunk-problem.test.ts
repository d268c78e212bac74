import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { storedTrunk } from '../../../test/support/trunk-target.ts';
import type { TrunkChange, TrunkSettings } from './trunk.ts';
import { fieldProblem, trunkProblem } from './trunk-problem.ts';

function fixture(name: string): string {
  return readFileSync(new URL(`../../../test/fixtures/tls/${name}`, import.meta.url), 'utf8');
}

const tlsCertificate = fixture('certificate.pem');
const tlsPrivateKey = fixture('private-key.pem');
const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherKey = String(other.export({ type: 'pkcs8', format: 'pem' }));
const encryptedKey = String(
  other.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }),
);

const badFields: readonly (readonly [change: TrunkChange, rule: RegExp])[] = [
  [{ name: '  ' }, /not be empty/],
  [{ host: 'no host' }, /host name or an address/],
  [{ host: 'sip:sip.example.com' }, /without sip:/],
  [{ host: 'sip.example.com:5080' }, /goes into port/],
  [{ host: '192.0.2.300' }, /host name or an address/],
  [{ host: '[2001:db8::1]' }, /without brackets/],
  [{ host: '' }, /host name or an address/],
  [{ port: 0 }, /1 to 65535/],
  [{ outboundProxy: 'proxy.example.com' }, /SIP URI such as/],
  [{ outboundProxy: '<sip:proxy.example.com>' }, /SIP URI such as/],
  [{ outboundProxy: 'sip:proxy.example.com\r\nX: y' }, /SIP URI such as/],
  [{ username: 'a\nb' }, /line breaks/],
  [{ password: '' }, /null says/],
  [{ authUsername: 'x'.repeat(129) }, /at most 128/],
  [{ registerExpiresS: 59 }, /60 to 86400/],
  [{ tlsServerName: '192.0.2.1' }, /host name such as/],
  [{ sessionExpiresS: 89 }, /90 to 86400/],
  [{ maxRedirects: 11 }, /0 to 10/],
  [{ stripPrefix: '+49' }, /no plus/],
  [{ addPrefix: '+' }, /hasPlus/],
  [{ maxCps: 0 }, /1 to 100000/],
  [{ maxChannels: 1.5 }, /1 to 1000000/],
  [{ codecs: [] }, /at least one/],
  [{ codecs: ['PCMA', 'PCMA'] }, /once/],
  [{ codecs: ['PCMA', 'GSM' as 'PCMU'] }, /may hold PCMA, PCMU, G722, opus/],
  [{ callerIds: ['+4930123456'] }, /callerIdHasPlus/],
  [{ fromDomain: 'sip:example.com' }, /without sip:/],
  [{ prefixes: ['+86'] }, /digits/],
  [{ priority: -1 }, /0 to 10000/],
  [{ weight: 0 }, /1 to 10000/],
  [{ optionsIntervalS: 3601 }, /0 to 3600/],
  [{ breakerFailures: 0 }, /1 to 1000/],
  [{ breakerFailurePercent: 101 }, /1 to 100/],
];
for (const [change, rule] of badFields) {
  test(`refused: ${JSON.stringify(change).slice(0, 60)}`, () => {
    const problem = fieldProblem(change);
    assert.equal(problem?.[0], Object.keys(change)[0]);
    assert.match(problem?.[1] ?? '', rule);
  });
}

const goodFields: readonly TrunkChange[] = [
  { host: '192.0.2.1' },
  { host: '2001:db8::1' },
  { host: 'sip.example.com.' },
  { host: 'carrier_1', fromDomain: 'ims.example.com' },
  { port: null, transport: null, outboundProxy: null, sessionExpiresS: null },
  { outboundProxy: 'sip:proxy.example.com' },
  { outboundProxy: 'sips:user@[2001:db8::1]:5061;transport=tls;lr' },
  { stripPrefix: '', addPrefix: '9988#' },
  {},
];
for (const change of goodFields) {
  test(`taken: ${JSON.stringify(change)}`, () => assert.equal(fieldProblem(change), null));
}

const p = 'P-Asserted-Identity';
const badTogether: readonly (readonly [change: TrunkChange, field: keyof TrunkSettings, rule: RegExp])[] = [
  [{ registers: true }, 'username', /that registers/],
  [{ password: 'p' }, 'username', /needs its user/],
  [{ authUsername: 'a' }, 'password', /with it only/],
  [{ hasPlus: true, addPrefix: '99#' }, 'addPrefix', /digits only/],
  [{ headers: [['X Y', '1']] }, 'headers', /X Y must be a header name/],
  [{ headers: [['', '1']] }, 'headers', /\(no name\)/],
  [{ headers: [['Via', 'x']] }, 'headers', /Via is written by the platform/],
  [{ headers: [['CONTACT', '<sip:a@b>']] }, 'headers', /written by the platform/],
  [{ headers: [['content-length', '0']] }, 'headers', /written by the platform/],
  [{ headers: [['l', '0']] }, 'headers', /written by the platform/],
  [{ headers: [['Session-Expires', '90']] }, 'headers', /sessionExpiresS/],
  [{ headers: [['Proxy-Authorization', 'x']] }, 'headers', /username and password/],
  [{ headers: [['X-A', 'a\r\nVia: b']] }, 'headers', /line breaks/],
  [{ headers: [['X-A', '\u0000']] }, 'headers', /control characters/],
  [{ headers: [['X-A', ' ']] }, 'headers', /a value/],
  [{ headers: [['X-A', 'x'.repeat(513)]] }, 'headers', /512/],
  [{ headers: [['X-A', '${numbr}']] }, 'headers', /unknown variable \$\{numbr\}.*\$\{number\}/],
  [{ headers: Array.from({ length: 21 }, () => ['X-A', '1'] as const) }, 'headers', /at most 20/],
  [{ identity: 'p_asserted', headers: [[p, '<sip:1@b>']] }, 'headers', /one of the two/],
  [{ identity: 'remote_party', headers: [['remote-party-id', '<sip:1@b>']] }, 'headers', /one of the two/],
  [{ isPrivate: true, headers: [['Privacy', 'id']] }, 'headers', /one of the two/],
  [{ tlsCaCertificates: 'no PEM' }, 'tlsCaCertificates', /PEM/],
  [{ tlsCaCertificates: tlsCertificate.replace(/M/g, 'N') }, 'tlsCaCertificates', /PEM/],
  [{ tlsCertificate: otherKey, tlsPrivateKey: otherKey }, 'tlsCertificate', /PEM/],
  [{ tlsCertificate }, 'tlsPrivateKey', /is missing/],
  [{ tlsPrivateKey }, 'tlsCertificate', /is missing/],
  [{ tlsCertificate, tlsPrivateKey: tlsCertificate }, 'tlsPrivateKey', /private key as PEM/],
  [{ tlsCertificate, tlsPrivateKey: encryptedKey }, 'tlsPrivateKey', /passphrase/],
  [{ tlsCertificate, tlsPrivateKey: otherKey }, 'tlsPrivateKey', /does not fit/],
];
for (const [change, field, rule] of badTogether) {
  test(`refused together: ${JSON.stringify(change).slice(0, 60)}`, () => {
    const problem = trunkProblem(storedTrunk(1, change));
    assert.equal(problem?.[0], field);
    assert.match(problem?.[1] ?? '', rule);
  });
}

const goodTogether: readonly (readonly [what: string, change: TrunkChange])[] = [
  ['a peer by address', {}],
  ['an account that registers', { registers: true, username: 'u', password: 'p', authUsername: 'u@realm' }],
  ['a registration without a password', { registers: true, username: 'u' }],
  ['an own P-Asserted-Identity', { identity: 'none', headers: [[p, '<sip:${callerId}@b>']] }],
  ['a technical prefix without plus', { addPrefix: '99#' }],
  ['mutual TLS', { tlsCaCertificates: tlsCertificate + tlsCertificate, tlsCertificate, tlsPrivateKey }],
  ['a chain', { tlsCertificate: `subject=x\n${tlsCertificate}\n${tlsCertificate}`, tlsPrivateKey }],
];
for (const [what, change] of goodTogether) {
  test(`taken together: ${what}`, () => assert.equal(trunkProblem(storedTrunk(1, change)), null));
}
