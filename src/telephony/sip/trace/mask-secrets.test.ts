import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseMessage } from '../message/parse-message.ts';
import { maskSecrets } from './mask-secrets.ts';

/** A message with these header lines and this body; Content-Length is right. */
function message(lines: readonly string[], body = '', startLine = 'INVITE sip:861380@10.0.0.2 SIP/2.0'): string {
  const fixed = [
    startLine,
    'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx',
    'From: <sip:1008@10.0.0.1>;tag=a',
    'To: <sip:861380@10.0.0.2>',
    'Call-ID: 7-9-1@10.0.0.1',
    `CSeq: 1 ${startLine.split(' ')[0]}`,
    ...lines,
    `Content-Length: ${body.length}`,
  ];
  return `${fixed.join('\r\n')}\r\n\r\n${body}`;
}

const headerOf = (text: string, name: string): string =>
  new RegExp(`^${name}:[ ]*(.*)$`, 'im').exec(text)?.[1]?.trimEnd() ?? '';

describe('maskSecrets', () => {
  it('leaves a message without secrets as it is', () => {
    const sdp = 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 20004 RTP/AVP 8\r\n';
    const text = message(['Contact: <sip:10.0.0.1:5060>', 'Content-Type: application/sdp'], sdp);
    assert.equal(maskSecrets(text), text);
  });

  const headers: [string, string, string][] = [
    [
      'keeps what helps and hides what the password made',
      'Authorization: Digest username="acme", realm="r", nonce="n1", uri="sip:h:5060", response="0123abcd", cnonce="c", nc=00000001, qop=auth',
      'Digest username="acme", realm="r", nonce="n1", uri="sip:h:5060", response="********", cnonce="c", nc=00000001, qop=auth',
    ],
    ['takes an unquoted response', 'Authorization: Digest response=0123abcd,nc=1', 'Digest response="********", nc=1'],
    ['knows no parameter by half', 'Authorization: Digest x-response="0123abcd"', 'Digest x-response="********"'],
    ['hides another scheme whole', 'Authorization: Basic YWNtZTpzZWNyZXQ=', '********'],
    ['hides what it cannot read', 'Authorization: Digest "0123abcd', '********'],
    [
      'takes a folded header',
      'Authorization: Digest nonce="n",\r\n  response="0123abcd"',
      'Digest nonce="n", response="********"',
    ],
  ];
  for (const [name, line, expected] of headers) {
    it(name, () => assert.equal(headerOf(maskSecrets(message([line])), 'Authorization'), expected));
  }

  it('hides the answer of the far side to our credentials too', () => {
    const text = maskSecrets(message(['Authentication-Info: rspauth="0123abcd", nextnonce="n2", qop=auth']));
    assert.equal(headerOf(text, 'Authentication-Info'), 'rspauth="********", nextnonce="n2", qop=auth');
  });

  it('hides a password in a URI, and no port', () => {
    const broken = maskSecrets(message(['Contact: <sip:acme:s3@c@ret@10.0.0.1>']));
    assert.equal(headerOf(broken, 'Contact'), '<sip:acme:********@********@********@10.0.0.1>');
    const text = maskSecrets(message(['Contact: <sip:acme:s3cret@10.0.0.1:5060>, <sips:10.0.0.1:5061;lr>']));
    assert.equal(headerOf(text, 'Contact'), '<sip:acme:********@10.0.0.1:5060>, <sips:10.0.0.1:5061;lr>');
  });

  it('hides SDP keys without changing a length', () => {
    const sdp =
      'v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4\r\n' +
      'k=clear:geheim\r\na=key-mgmt:mikey AQAFgM0X\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\na=fingerprint:sha-256 AA\r\n';
    const masked = maskSecrets(message(['Content-Type: application/sdp'], sdp));
    const body = masked.slice(masked.indexOf('\r\n\r\n') + 4);
    assert.equal(body.length, sdp.length);
    assert.match(body, /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\*{49}\r$/m);
    assert.match(body, /^k=\*{12}\r$/m);
    assert.match(body, /^a=fingerprint:sha-256 AA\r$/m);
    assert.doesNotMatch(body, /WVNf|geheim|AQAF|asd88/);
  });

  it('hides which key was pressed, and not for how long', () => {
    const info = (type: string, body: string): string => {
      const masked = maskSecrets(message([`Content-Type: ${type}`], body, 'INFO sip:10.0.0.1 SIP/2.0'));
      return masked.slice(masked.indexOf('\r\n\r\n') + 4);
    };
    assert.equal(info('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n'), 'Signal=*\r\nDuration=160\r\n');
    assert.equal(info('application/dtmf-relay', 'Signal= 5\nDuration= 160'), 'Signal=**\n*************');
    assert.equal(info('application/dtmf', '5'), '*');
    assert.equal(info('application/kpml-response+xml', '<r digits="1234"/>'), '*'.repeat(18));
  });
});

const secret = fc.stringMatching(/^[A-Z]{6,20}[#]?$/).map((text) => `S3CR3T${text}`);
const filling = fc.string({ maxLength: 12, unit: fc.constantFrom(...'abc ,;="\\:@<>()') });
const spelling = fc.constantFrom(
  'Authorization',
  'Proxy-Authorization',
  'authorization',
  'PROXY-AUTHORIZATION',
  'Authorization ',
);
const separator = fc.constantFrom(', ', ',', ' ,\r\n ', ',\r\n\t', ' ');

describe('maskSecrets, whatever comes', () => {
  it('lets no secret byte of a credential through', () => {
    const property = fc.property(spelling, secret, filling, separator, (name, value, noise, comma) => {
      for (const given of [`"${value}"`, value, `"${value}`]) {
        const line = `${name}: Digest nonce="${noise.replace(/["\\]/g, '')}"${comma}response=${given}${comma}qop=auth`;
        assert.ok(!maskSecrets(message([line])).includes(value), line);
      }
      for (const scheme of ['Basic', 'Bearer', 'NTLM', 'Digest']) {
        assert.ok(!maskSecrets(message([`${name}: ${scheme} ${value}`])).includes(value));
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('lets no key of a body through, and keeps its length', () => {
    const types = fc.constantFrom(
      'application/sdp',
      'APPLICATION/SDP',
      'application/dtmf-relay',
      'application/dtmf',
      'text/plain',
      'multipart/mixed;boundary=x',
    );
    const lines = fc.array(
      fc.tuple(
        fc.constantFrom(
          'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:',
          'a=crypto:',
          'A=CRYPTO:2 X ',
          'a=crypto:1 A inline:x;inline:',
          'k=base64:',
          'a=ice-pwd:',
        ),
        secret,
      ),
      { minLength: 1, maxLength: 4 },
    );
    const property = fc.property(types, lines, fc.constantFrom('\r\n', '\n'), (type, found, end) => {
      const body = `v=0${end}${found.map(([start, value]) => `${start}${value}${end}`).join('')}`;
      const text = message([`Content-Type: ${type}`], body);
      const masked = maskSecrets(text);
      for (const [, value] of found) assert.ok(!masked.includes(value), masked);
      assert.equal(masked.length, text.length);
      assert.equal(parseMessage(Buffer.from(masked, 'latin1'))?.flaw, null);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('takes any text, and masks what is masked to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aA:=@"\\,\r\n \tsip'), maxLength: 200 }), (text) => {
        const once = maskSecrets(`Authorization: ${text}`);
        assert.equal(maskSecrets(once), once);
      }),
    );
  });

  it('goes over a long message once', () => {
    for (const piece of ['sip:a:', 'sip:', 'Authorization: Digest a="', 'a=', '\r\n ', '@', '"']) {
      const text = message([`X: ${piece.repeat(20_000)}`, `Authorization: Digest ${piece.repeat(20_000)}`]);
      const masked = maskSecrets(text);
      assert.equal(maskSecrets(masked), masked);
    }
  });
});
