import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameUri } from './same-uri.ts';

/** The pairs of RFC 3261 section 19.1.4, and some of our own. */
const same: readonly (readonly [string, string])[] = [
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
  ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
  ['sip:carol@chicago.com;security=on;newparam=5', 'sip:carol@chicago.com;newparam=5;security=on'],
  ['sip:1008@[2001:DB8::1]:5060', 'sip:1008@[2001:db8:0::1]:5060'],
  ['sip:1008@10.0.0.1:5060;ob', 'SIP:1008@10.0.0.1:5060'],
];
const different: readonly (readonly [string, string])[] = [
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
  ['sip:carol@chicago.com', 'sips:carol@chicago.com'],
  ['sip:10.0.0.1:5060', 'sip:1008@10.0.0.1:5060'],
  ['sip:10.0.0.1:5060', 'tel:10'],
];

test('URIs that are the same', () => {
  for (const [a, b] of same) assert.deepEqual([isSameUri(a, b), isSameUri(b, a)], [true, true], `${a} ${b}`);
});

test('URIs that are not', () => {
  for (const [a, b] of different) assert.deepEqual([isSameUri(a, b), isSameUri(b, a)], [false, false], `${a} ${b}`);
});
