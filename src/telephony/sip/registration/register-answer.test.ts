import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMessage } from '../message/parse-message.ts';
import { readGrant, secondsOf } from './register-answer.ts';

const own = 'sip:1008@10.0.0.1:5060';

function grant(lines: string, contacts: readonly string[] = [own]) {
  const text =
    'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\n' +
    `Call-ID: x\r\nCSeq: 1 REGISTER\r\n${lines}\r\n`;
  const parsed = parseMessage(Buffer.from(text));
  assert.ok(parsed);
  return readGrant(parsed.message, contacts, 3600);
}

const rows: readonly (readonly [name: string, lines: string, expiresS: number])[] = [
  ['our own expires', `Contact: <${own}>;expires=120\r\nExpires: 900\r\n`, 120],
  ['ours among others, on one line', `Contact: <sip:1008@10.0.0.2:5060>;expires=9, <${own}>;expires=120\r\n`, 120],
  ['ours among others, in compact form and other spelling', `m: <SIP:%31008@10.0.0.1:5060;ob>;Expires=120\r\n`, 120],
  ['no expires with ours: the header', `Contact: <${own}>\r\nExpires: 900\r\n`, 900],
  ['no time at all: what we asked for', `Contact: <${own}>\r\n`, 3600],
  ['no contacts at all', 'Expires: 900\r\n', 900],
  ['a time that is none', `Contact: <${own}>;expires="soon"\r\nExpires: 900\r\n`, 900],
  [
    'only others: the shortest',
    'Contact: <sip:a@192.0.2.1>;expires=80\r\nContact: <sip:a@192.0.2.2>;expires=70\r\n',
    70,
  ],
  ['ours with the default port left out is another', `Contact: <sip:1008@10.0.0.1>;expires=5\r\n`, 5],
  ['ours is not kept', `Contact: <${own}>;expires=0\r\n`, 0],
];
for (const [name, lines, expiresS] of rows) {
  test(`a grant: ${name}`, () => assert.equal(grant(lines).expiresS, expiresS));
}

test('a grant: of several contacts of ours the shortest', () => {
  const other = 'sip:1008@[2001:db8::1]:5060';
  const lines = `Contact: <${own}>;expires=120, <sip:1008@[2001:DB8::1]:5060>;expires=60, <sip:x@y>;expires=1\r\n`;
  assert.equal(grant(lines, [own, other]).expiresS, 60);
});

test('a grant: Service-Route over several lines, in order, and outbound where it is required', () => {
  const lines = 'Service-Route: <sip:a;lr>, "B" <sip:b;lr>\r\nService-Route: <sip:c;lr>\r\nRequire: outbound\r\n';
  assert.deepEqual(grant(lines), {
    expiresS: 3600,
    serviceRoute: ['<sip:a;lr>', '"B" <sip:b;lr>', '<sip:c;lr>'],
    isOutbound: true,
  });
  assert.equal(grant('Supported: outbound\r\n').isOutbound, false);
});

test('delta seconds, also with what may follow in Retry-After', () => {
  assert.deepEqual(['120', ' 120 (busy)', '120;duration=60', '0'].map(secondsOf), [120, 120, 120, 0]);
  assert.deepEqual([null, '', 'soon', '-1', '1.5', '12345678901', '12s'].map(secondsOf), Array(7).fill(null));
});
