import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMessage } from '../message/parse-message.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { checkMachine } from '../testing/check-machine.ts';
import { asksForTooShort, longerInterval, replyToSession, type SessionTerms, termsOfSuccess } from './session-terms.ts';
import { type SessionTimerInput, type SessionTimerState, stepSessionTimer } from './session-timer-machine.ts';

test('session timer, RFC 4028', () => {
  const states: SessionTimerState[] = ['off', 'keeping', 'refreshing', 'watching', 'over'];
  const inputs: SessionTimerInput[] = [
    'agreed-ours',
    'agreed-theirs',
    'declined',
    'refresh-due',
    'expiry-due',
    'refused',
    'stop',
  ];
  checkMachine(
    stepSessionTimer,
    states,
    inputs,
    `off agreed-ours -> keeping: start-refresh-timer start-expiry-timer
     off agreed-theirs -> watching: stop-refresh-timer start-expiry-timer
     off stop -> over:
     keeping agreed-ours -> keeping: start-refresh-timer start-expiry-timer
     keeping agreed-theirs -> watching: stop-refresh-timer start-expiry-timer
     keeping declined -> off: stop-timers
     keeping refresh-due -> refreshing: send-refresh
     keeping expiry-due -> over: stop-timers report-expired
     keeping stop -> over: stop-timers
     refreshing agreed-ours -> keeping: start-refresh-timer start-expiry-timer
     refreshing agreed-theirs -> watching: stop-refresh-timer start-expiry-timer
     refreshing declined -> off: stop-timers
     refreshing expiry-due -> over: stop-timers report-expired
     refreshing refused -> keeping: start-retry-timer
     refreshing stop -> over: stop-timers
     watching agreed-ours -> keeping: start-refresh-timer start-expiry-timer
     watching agreed-theirs -> watching: stop-refresh-timer start-expiry-timer
     watching declined -> off: stop-timers
     watching expiry-due -> over: stop-timers report-expired
     watching stop -> over: stop-timers`,
  );
});

function message(startLine: string, lines: readonly string[]): SipMessage {
  const head = `${startLine}\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\nFrom: <sip:b@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n`;
  const parsed = parseMessage(Buffer.from(`${head}${lines.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1'));
  assert.ok(parsed !== null && parsed.flaw === null);
  return parsed.message;
}

const invite = (...lines: string[]): SipMessage => message('INVITE sip:a@b SIP/2.0', lines);
const able = 'Supported: timer';

const replies: readonly (readonly [
  name: string,
  request: SipMessage,
  current: SessionTerms | null,
  terms: SessionTerms | null,
  lines: string,
])[] = [
  ['nothing asked, nothing there', invite(able), null, null, ''],
  [
    'a caller that knows how, and leaves it open',
    invite(able, 'Session-Expires: 1800'),
    null,
    { intervalS: 1800, isOurs: false },
    'Session-Expires: 1800;refresher=uac\r\nRequire: timer\r\n',
  ],
  [
    'a caller that wants to refresh',
    invite(able, 'x: 600;refresher=uac'),
    null,
    { intervalS: 600, isOurs: false },
    'Session-Expires: 600;refresher=uac\r\nRequire: timer\r\n',
  ],
  [
    'a caller that wants us to',
    invite(able, 'Session-Expires: 600 ; refresher = UAS'),
    null,
    { intervalS: 600, isOurs: true },
    'Session-Expires: 600;refresher=uas\r\n',
  ],
  [
    'a caller that does not know how: a proxy asked',
    invite('Session-Expires: 600;refresher=uac'),
    null,
    { intervalS: 600, isOurs: true },
    'Session-Expires: 600;refresher=uas\r\n',
  ],
  [
    'a hold, while they refresh',
    invite(able),
    { intervalS: 300, isOurs: false },
    { intervalS: 300, isOurs: false },
    'Session-Expires: 300;refresher=uac\r\nRequire: timer\r\n',
  ],
  [
    'a hold, while we refresh',
    invite(able),
    { intervalS: 300, isOurs: true },
    { intervalS: 300, isOurs: true },
    'Session-Expires: 300;refresher=uas\r\n',
  ],
  [
    'a refresh that leaves it open keeps the roles',
    invite(able, 'Session-Expires: 400'),
    { intervalS: 300, isOurs: true },
    { intervalS: 400, isOurs: true },
    'Session-Expires: 400;refresher=uas\r\n',
  ],
  ['nonsense', invite(able, 'Session-Expires: soon'), null, null, ''],
];
for (const [name, request, current, terms, lines] of replies) {
  test(`session terms: ${name}`, () => assert.deepEqual(replyToSession(request, current), { terms, lines }));
}

test('session terms: what a 2xx says', () => {
  const terms = (...lines: string[]): SessionTerms | null => termsOfSuccess(message('SIP/2.0 200 OK', lines));
  assert.deepEqual(terms('Session-Expires: 90;refresher=uas'), { intervalS: 90, isOurs: false });
  assert.deepEqual(terms('Session-Expires: 90;refresher=uac'), { intervalS: 90, isOurs: true });
  assert.deepEqual(terms('Session-Expires: 90'), { intervalS: 90, isOurs: true });
  assert.deepEqual(terms('Session-Expires: 30;refresher=uac'), { intervalS: 30, isOurs: true });
  assert.deepEqual(terms('Session-Expires: 1;refresher=uac'), { intervalS: 4, isOurs: true });
  assert.deepEqual(terms('Session-Expires: 4294967295'), { intervalS: 86_400, isOurs: true });
  assert.equal(terms(), null);
});

test('session terms: too short an interval', () => {
  const wanted = (...lines: string[]): number | null =>
    longerInterval(message('SIP/2.0 422 Session Interval Too Small', lines), 90);
  assert.deepEqual(
    [wanted('Min-SE: 600'), wanted('Min-SE: 90'), wanted('Min-SE: x'), wanted()],
    [600, null, null, null],
  );
  assert.equal(longerInterval(message('SIP/2.0 486 Busy Here', ['Min-SE: 600']), 90), null);
  assert.ok(asksForTooShort(invite(able, 'Session-Expires: 89')));
  assert.ok(!asksForTooShort(invite('Session-Expires: 89')));
  assert.ok(!asksForTooShort(invite(able, 'Session-Expires: 90')));
});
