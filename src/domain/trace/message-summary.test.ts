import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sipMessage } from '../../../test/support/sample-trace.ts';
import { summarize } from './message-summary.ts';

const rows: [string, string, string, string[]][] = [
  ['a request', sipMessage('BYE sip:a SIP/2.0', { cseq: '2 BYE' }), 'BYE', []],
  ['an answer to an INVITE', sipMessage('SIP/2.0 486 Busy Here', { cseq: '1 INVITE' }), '486 Busy Here', []],
  ['an answer to another', sipMessage('SIP/2.0 200 OK', { cseq: '2 BYE' }), '200 OK (BYE)', []],
  [
    'a redirection',
    sipMessage('SIP/2.0 302 Moved', { cseq: '1 INVITE', lines: ['Contact: <sip:b@c>'] }),
    '302 Moved',
    ['to <sip:b@c>'],
  ],
  [
    'credentials',
    sipMessage('REGISTER sip:a SIP/2.0', {
      cseq: '2 REGISTER',
      lines: ['Authorization: Digest username="acme", response="********"'],
    }),
    'REGISTER',
    ['with credentials of acme'],
  ],
  [
    'media by number, encrypted, one way',
    sipMessage('SIP/2.0 183 Progress', {
      cseq: '1 INVITE',
      sdp: 'v=0\r\nm=audio 4000 RTP/SAVP 18 97\r\nc=IN IP6 2001:db8::1\r\na=crypto:1 A ****\r\na=sendonly\r\nm=video 0 RTP/AVP 31\r\n',
    }),
    '183 Progress',
    ['SDP audio 2001:db8::1:4000 G729 97 SRTP sendonly', 'SDP video ?:0 31'],
  ],
];
for (const [name, text, title, details] of rows) {
  test(`message summary: ${name}`, () => assert.deepEqual(summarize(text), { title, details }));
}

test('message summary: anything is read, and comes out printable', () => {
  const unit = fc.constantFrom(...'SIP/2.0 INVITE\r\n:m=audio8a=rtpmap\u0000\u001b\u009b\u00ff');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 300 }), (text) => {
      const { title, details } = summarize(text);
      for (const line of [title, ...details]) assert.doesNotMatch(line, /\p{C}/u);
    }),
  );
});
