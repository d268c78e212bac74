import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IncomingCall } from '../endpoint-types.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { parseMessage } from '../message/parse-message.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import { parseVia } from '../message/via.ts';
import { fromWire } from '../message/wire-text.ts';
import { calleeAddress, callerAddress, SipBench } from '../testing/endpoint-pair.ts';

/**
 * The messages of RFC 4475, byte for byte, and what comes of each. `offered`: an incoming call. A number: what the sender is told.
 * `read`: a response that is well-formed, and finds nobody here who waits for it. `dropped`: not even read.
 */
type Row = {
  readonly file: string;
  readonly section: string;
  readonly verdict: 'offered' | 'read' | 'dropped' | number;
  readonly facts?: (message: SipMessage) => void;
};

const rows: readonly Row[] = [
  { file: 'wsinv', section: '3.1.1.1', verdict: 481, facts: tortuousInvite },
  // 405 and not 501: RFC 3261 section 8.2.1 wants it for every method that is not supported, known or not.
  { file: 'intmeth', section: '3.1.1.2', verdict: 405, facts: wideRangeOfCharacters },
  { file: 'esc01', section: '3.1.1.3', verdict: 'offered', facts: escapes },
  { file: 'escnull', section: '3.1.1.4', verdict: 405, facts: escapedNulls },
  { file: 'esc02', section: '3.1.1.5', verdict: 405, facts: percentWithoutEscape },
  { file: 'lwsdisp', section: '3.1.1.6', verdict: 200, facts: nameRightBeforeBracket },
  { file: 'longreq', section: '3.1.1.7', verdict: 'offered', facts: longValues },
  { file: 'dblreq', section: '3.1.1.8', verdict: 405, facts: (message) => assert.equal(message.body, '') },
  { file: 'semiuri', section: '3.1.1.9', verdict: 200, facts: semicolonInUser },
  { file: 'transports', section: '3.1.1.10', verdict: 200, facts: transports },
  { file: 'mpart01', section: '3.1.1.11', verdict: 405, facts: (message) => assert.equal(message.body.length, 553) },
  { file: 'unreason', section: '3.1.1.12', verdict: 'read', facts: unusualReason },
  { file: 'noreason', section: '3.1.1.13', verdict: 'read', facts: emptyReason },
  { file: 'badinv01', section: '3.1.2.1', verdict: 400 },
  { file: 'clerr', section: '3.1.2.2', verdict: 400 },
  { file: 'ncl', section: '3.1.2.3', verdict: 400 },
  { file: 'scalar02', section: '3.1.2.4', verdict: 400 },
  { file: 'scalarlg', section: '3.1.2.5', verdict: 'dropped' },
  { file: 'quotbal', section: '3.1.2.6', verdict: 400 },
  { file: 'ltgtruri', section: '3.1.2.7', verdict: 400 },
  { file: 'lwsruri', section: '3.1.2.8', verdict: 400 },
  { file: 'lwsstart', section: '3.1.2.9', verdict: 400 },
  { file: 'trws', section: '3.1.2.10', verdict: 400 },
  { file: 'escruri', section: '3.1.2.11', verdict: 400 },
  // Nobody here reads Date.
  { file: 'baddate', section: '3.1.2.12', verdict: 'offered' },
  { file: 'regbadct', section: '3.1.2.13', verdict: 405 },
  { file: 'badaspec', section: '3.1.2.14', verdict: 200, facts: spacesInAddress },
  { file: 'baddn', section: '3.1.2.15', verdict: 200, facts: commaInName },
  { file: 'badvers', section: '3.1.2.16', verdict: 505 },
  { file: 'mismatch01', section: '3.1.2.17', verdict: 400 },
  { file: 'mismatch02', section: '3.1.2.18', verdict: 400 },
  { file: 'bigcode', section: '3.1.2.19', verdict: 'dropped' },
  // Matched to its transaction as before RFC 3261.
  { file: 'badbranch', section: '3.2.1', verdict: 200 },
  // A response repeats To, From and Call-ID (RFC 3261 section 8.2.6.2): without them there is none.
  { file: 'insuf', section: '3.3.1', verdict: 'dropped' },
  { file: 'unkscm', section: '3.3.2', verdict: 416 },
  { file: 'novelsc', section: '3.3.3', verdict: 416 },
  { file: 'unksm2', section: '3.3.4', verdict: 405 },
  { file: 'bext01', section: '3.3.5', verdict: 420 },
  { file: 'invut', section: '3.3.6', verdict: 415 },
  { file: 'regaut01', section: '3.3.7', verdict: 405 },
  { file: 'multi01', section: '3.3.8', verdict: 400 },
  { file: 'mcl01', section: '3.3.9', verdict: 400 },
  { file: 'bcast', section: '3.3.10', verdict: 'read', facts: viaOfABroadcast },
  { file: 'zeromf', section: '3.3.11', verdict: 200, facts: noForwardsLeft },
  { file: 'cparam01', section: '3.3.12', verdict: 405, facts: contactWithoutBrackets },
  { file: 'cparam02', section: '3.3.13', verdict: 405, facts: contactWithBrackets },
  { file: 'regescrt', section: '3.3.14', verdict: 405 },
  // Accept is not read: whoever sends an INVITE takes SDP (RFC 3261 section 13.2.1).
  { file: 'sdp01', section: '3.3.15', verdict: 'offered' },
  { file: 'inv2543', section: '3.4.1', verdict: 'offered', facts: beforeRfc3261 },
];

const folder = join(import.meta.dirname, 'messages');

for (const { file, section, verdict, facts } of rows) {
  test(`RFC 4475 section ${section}, ${file}: ${verdict}`, () => {
    const datagram = readFileSync(join(folder, `${file}.dat`));
    assert.equal(verdictOn(datagram), verdict);
    const parsed = parseMessage(datagram);
    assert.equal(parsed === null, verdict === 'dropped');
    if (parsed !== null) facts?.(parsed.message);
  });
}

test('every message has a row', () => {
  const files = readdirSync(folder).map((name) => name.replace(/\.dat$/, ''));
  assert.deepEqual(files.sort(), rows.map(({ file }) => file).sort());
});

/** What an endpoint does with a datagram of a peer that it knows. */
function verdictOn(datagram: Buffer): Row['verdict'] {
  const bench = new SipBench();
  const endpoint = bench.endpoint(callerAddress);
  const calls: IncomingCall[] = [];
  endpoint.onInvite((call) => calls.push(call));
  bench.peer(calleeAddress).send(datagram.toString('latin1'), callerAddress);
  const answers = bench.network.seen.slice(1).map(({ text }) => Number(text.slice('SIP/2.0 '.length, 11)));
  assert.ok(answers.length <= 1, `${answers.length} answers`);
  if (calls.length > 0) return answers[0] === 100 ? 'offered' : assert.fail('no 100');
  if (answers[0] !== undefined) return answers[0];
  assert.equal(endpoint.figures().datagramsDropped, 1);
  return parseMessage(datagram) === null ? 'dropped' : 'read';
}

function tortuousInvite(message: SipMessage): void {
  assert.equal(message.uri, 'sip:vivekg@chair-dnrc.example.com;unknownparam');
  assert.deepEqual([message.toTag, message.fromTag], ['1918181833n', '98asjd8']);
  assert.equal(parseNameAddr(message.header('from') ?? '')?.displayName, 'J Rosenberg \\"');
  assert.deepEqual(message.cseq, { number: 9, method: 'INVITE' });
  assert.equal(message.header('subject'), '');
  assert.equal(message.header('newfangledheader'), 'newfangled value continued newfangled value');
  assert.equal(message.header('unknownheaderwithunusualvalue'), ';;,,;;,;');
  const vias = message.list('via').map((value) => parseVia(value));
  assert.deepEqual(
    vias.map((via) => [via?.transport, via?.host, via?.branch]),
    [
      ['UDP', '192.0.2.2', '390skdjuw'],
      ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
      ['UDP', '192.168.255.111', 'z9hG4bK30239'],
    ],
  );
  const contact = parseNameAddr(message.header('contact') ?? '');
  assert.deepEqual([contact?.displayName, contact?.uri], ['Quoted string ""', 'sip:jdrosen@example.com']);
  assert.equal(message.body.length, 150);
}

function wideRangeOfCharacters(message: SipMessage): void {
  assert.equal(message.method, "!interesting-Method0123456789_*+`.%indeed'~");
  assert.equal(message.cseq?.method, message.method);
  assert.equal(parseSipUri(message.uri)?.host, 'example.com');
  assert.equal(message.branch, "z9hG4bK-.!%66*_+`'~");
  const to = parseNameAddr(message.header('to') ?? '');
  assert.equal(to?.displayName, 'BEL:\u0007 NUL:\u0000 DEL:\u007f');
  assert.equal(message.fromTag, "_token~1'+`*%!-.");
  assert.equal(message.callId, 'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
  assert.equal(fromWire(message.header("extensionheader-!.%*+_`'~") ?? ''), '\ufeff大停電');
}

function escapes(message: SipMessage): void {
  assert.equal(parseSipUri(message.uri)?.user, 'sips%3Auser%40example.com');
  assert.equal(message.callId, 'esc01.239409asdfakjkn23onasd0-3234');
  assert.equal(
    parseNameAddr(message.header('contact') ?? '')?.uri,
    'sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31',
  );
}

function escapedNulls(message: SipMessage): void {
  assert.equal(parseNameAddr(message.header('to') ?? '')?.uri, 'sip:null-%00-null@example.com');
  assert.equal(message.list('contact').length, 2);
}

function percentWithoutEscape(message: SipMessage): void {
  assert.equal(message.method, 'RE%47IST%45R');
  assert.deepEqual(message.list('contact'), ['<sip:alias1@host1.example.com>', '<sip:alias3@host3.example.com>']);
  assert.equal(parseNameAddr(message.header('to') ?? '')?.displayName, '%Z%45');
}

function nameRightBeforeBracket(message: SipMessage): void {
  const from = parseNameAddr(message.header('from') ?? '');
  assert.deepEqual(from, { displayName: 'caller', uri: 'sip:caller@example.com', params: ';tag=323' });
}

function longValues(message: SipMessage): void {
  assert.equal(message.list('via').length, 34);
  assert.equal(message.fromTag, `12${'982'.repeat(50)}424`);
  assert.equal(message.callId, `longreq.one${'really'.repeat(20)}longcallid`);
  const last = parseVia(message.list('via').at(-1) ?? '');
  assert.deepEqual([last?.branch, last?.received], [`very${'long'.repeat(50)}branchvalue`, '192.0.2.5']);
}

function semicolonInUser(message: SipMessage): void {
  assert.equal(parseSipUri(message.uri)?.user, 'user;par=u%40example.net');
  assert.equal(message.list('accept').length, 6);
}

function transports(message: SipMessage): void {
  const names = message.list('via').map((value) => parseVia(value)?.transport);
  assert.deepEqual(names, ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
}

function unusualReason(message: SipMessage): void {
  assert.equal(message.status, 200);
  assert.equal(fromWire(message.reason), '= 2**3 * 5**2 но сто девяносто девять - простое');
}

function emptyReason(message: SipMessage): void {
  assert.deepEqual([message.status, message.reason], [100, '']);
}

function spacesInAddress(message: SipMessage): void {
  assert.equal(parseNameAddr(message.header('to') ?? '')?.uri, 'sip:t.watson@example.org');
}

function commaInName(message: SipMessage): void {
  assert.deepEqual(parseNameAddr(message.header('from') ?? '')?.displayName, 'Bell, Alexander');
  assert.equal(message.fromTag, '43');
}

/** It goes nowhere: a user agent takes no response with a second Via (RFC 3261 section 8.1.3.3). */
function viaOfABroadcast(message: SipMessage): void {
  assert.equal(message.hasFurtherVias, true);
}

/** Max-Forwards is for proxies (RFC 3261 section 16.3); the request has arrived. */
function noForwardsLeft(message: SipMessage): void {
  assert.equal(message.header('max-forwards'), '0');
}

function contactWithoutBrackets(message: SipMessage): void {
  const contact = parseNameAddr(message.header('contact') ?? '');
  assert.deepEqual([contact?.uri, contact?.params], ['sip:+19725552222@gw1.example.net', ';unknownparam']);
}

function contactWithBrackets(message: SipMessage): void {
  const contact = parseNameAddr(message.header('contact') ?? '');
  assert.deepEqual([contact?.uri, contact?.params], ['sip:+19725552222@gw1.example.net;unknownparam', '']);
}

function beforeRfc3261(message: SipMessage): void {
  assert.deepEqual([message.branch, message.fromTag, message.toTag], [null, null, null]);
  assert.ok(message.body.endsWith('m=audio 49217 RTP/AVP 0\r\n'));
}
