import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '../../../lib/random.ts';
import { paramOf } from '../message/header-values.ts';
import { parseMessage } from '../message/parse-message.ts';
import { DigestClient } from './digest-client.ts';

const credentials = { username: 'Mufasa', password: 'Circle of Life' };

function refusal(status: number, ...challenges: string[]) {
  const name = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate';
  const lines = challenges.map((value) => `${name}: ${value}\r\n`).join('');
  const text =
    `SIP/2.0 ${status} No\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n` +
    `Call-ID: x\r\nCSeq: 1 INVITE\r\n${lines}\r\n`;
  const parsed = parseMessage(Buffer.from(text));
  assert.ok(parsed);
  return parsed.message;
}

const param = (line: string, name: string) =>
  paramOf(
    `;${line
      .replace(/^[^:]*: Digest /, '')
      .trim()
      .replaceAll(', ', ';')}`,
    0,
    name,
  );

const hex = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');

test('MD5 without qop is the form of RFC 2069', () => {
  const client = new DigestClient(credentials, seededRandom(1));
  assert.equal(client.authorize('INVITE', 'sip:x'), '');
  assert.equal(client.accept(refusal(401, 'Digest realm="r, \\"q\\"", nonce="n"'), new Map()), true);
  const line = client.authorize('INVITE', 'sip:x');
  const expected = hex('md5', `${hex('md5', 'Mufasa:r, "q":Circle of Life')}:n:${hex('md5', 'INVITE:sip:x')}`);
  assert.ok(line.includes(`response="${expected}"`), line);
  assert.ok(line.startsWith('Authorization: Digest username="Mufasa", realm="r, \\"q\\"", nonce="n", uri="sip:x"'));
  assert.doesNotMatch(line, /qop|nc=|cnonce/);
});

for (const [algorithm, name] of [
  ['md5', 'MD5'],
  ['sha256', 'SHA-256'],
] as const) {
  test(`${name} with qop=auth counts the nonce`, () => {
    const client = new DigestClient(credentials, seededRandom(1));
    client.accept(
      refusal(407, `Digest realm="r",nonce="n",qop="auth-int,auth",algorithm=${name},opaque="o"`),
      new Map(),
    );
    for (const count of ['00000001', '00000002']) {
      const line = client.authorize('BYE', 'sip:x');
      assert.ok(line.startsWith('Proxy-Authorization: '));
      assert.equal(param(line, 'nc'), count);
      assert.equal(param(line, 'opaque'), 'o');
      const secret = hex(algorithm, 'Mufasa:r:Circle of Life');
      const expected = hex(
        algorithm,
        `${secret}:n:${count}:${param(line, 'cnonce')}:auth:${hex(algorithm, 'BYE:sip:x')}`,
      );
      assert.equal(param(line, 'response'), expected);
    }
  });
}

test('the first challenge that can be answered is taken', () => {
  const client = new DigestClient(credentials, seededRandom(1));
  const several =
    'Basic realm="b", Digest realm="s", nonce="1", algorithm=SHA-512-256, Digest realm="d", nonce="2", algorithm=SHA-256';
  assert.equal(client.accept(refusal(401, several, 'Digest realm="m", nonce="3"'), new Map()), true);
  assert.equal(param(client.authorize('INVITE', 'sip:x'), 'realm'), 'd');
  const other = new DigestClient(credentials, seededRandom(1));
  assert.equal(
    other.accept(refusal(401, 'Basic realm="b"', 'Digest realm="x", nonce="1", qop="auth-int"'), new Map()),
    false,
  );
});

test('a second refusal is final, a stale nonce is not, within bounds', () => {
  const client = new DigestClient(credentials, seededRandom(1));
  const tries = new Map<string, number>();
  assert.equal(client.accept(refusal(401, 'Digest realm="r", nonce="1"'), tries), true);
  assert.equal(client.accept(refusal(401, 'Digest realm="r", nonce="2", stale=TRUE'), tries), true);
  assert.equal(client.accept(refusal(407, 'Digest realm="proxy", nonce="3"'), tries), true);
  assert.equal(client.authorize('INVITE', 'sip:x').split('\r\n').length, 3);
  assert.equal(client.accept(refusal(401, 'Digest realm="r", nonce="4"'), tries), false);
  assert.equal(client.accept(refusal(401, 'Digest realm="r", nonce="5", stale=true'), tries), true);
  assert.equal(client.accept(refusal(401, 'Digest realm="r", nonce="6", stale=true'), tries), false);
  assert.equal(client.accept(refusal(401, 'Digest realm="r", nonce="7"'), new Map()), true);
});
