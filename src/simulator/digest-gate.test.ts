import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { seededRandom } from '../lib/random.ts';
import { createDigestGate } from './digest-gate.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

function setup() {
  const gate = createDigestGate({ username: 'acme', password: 'secret' }, seededRandom(1));
  const nonce = /nonce="([^"]+)"/.exec(gate.challenge())?.[1] ?? '';
  return { gate, nonce };
}

/** RFC 2617 3.2.2, with qop. */
function authorization(nonce: string, changes: { username?: string; password?: string; qop?: boolean } = {}): string {
  const { username = 'acme', password = 'secret', qop = true } = changes;
  const ha1 = md5(`${username}:simulated-carrier:${password}`);
  const ha2 = md5('INVITE:sip:86138@h');
  const middle = qop ? `${nonce}:00000001:abc:auth` : nonce;
  const tail = qop ? ', nc=00000001, cnonce="abc", qop=auth' : '';
  const response = md5(`${ha1}:${middle}:${ha2}`);
  return `Digest username="${username}", realm="simulated-carrier", nonce="${nonce}", uri="sip:86138@h", response="${response}"${tail}`;
}

describe('digest gate', () => {
  it('lets the right password in, with and without qop', () => {
    for (const qop of [true, false]) {
      const { gate, nonce } = setup();
      assert.equal(gate.isAuthorized(authorization(nonce, { qop })), true);
    }
  });

  it('keeps out everything else', () => {
    const { gate, nonce } = setup();
    const wrong = [
      null,
      '',
      'Basic abc',
      authorization(nonce, { username: 'other' }),
      authorization('made-up'),
      authorization(setup().nonce, { password: 'wrong' }),
    ];
    assert.deepEqual(
      wrong.map((header) => gate.isAuthorized(header)),
      wrong.map(() => false),
    );
  });

  it('takes a nonce once', () => {
    const { gate, nonce } = setup();
    assert.equal(gate.isAuthorized(authorization(nonce)), true);
    assert.equal(gate.isAuthorized(authorization(nonce)), false);
  });
});
