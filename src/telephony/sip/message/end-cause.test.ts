import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEndCause, readRetryAfter } from './end-cause.ts';
import { parseMessage } from './parse-message.ts';
import type { SipMessage } from './sip-message.ts';

function bye(lines: readonly string[]): SipMessage {
  const text = `BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\nFrom: <sip:b@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n`;
  const parsed = parseMessage(Buffer.from(`${text}${lines.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1'));
  assert.ok(parsed !== null && parsed.flaw === null);
  return parsed.message;
}

const causes: readonly (readonly [lines: readonly string[], q850Cause: number | null, reason: string | null])[] = [
  [[], null, null],
  [['Reason: Q.850;cause=17;text="User busy"'], 17, 'User busy'],
  [['Reason: q.850 ; cause = 17'], 17, null],
  [['Reason: SIP;cause=580;text="Precondition Failure"'], null, 'Precondition Failure'],
  [['Reason: SIP;cause=600'], null, 'SIP 600'],
  [['Reason: SIP;cause=200;text="Call completed elsewhere", Q.850;cause=26'], 26, 'Call completed elsewhere'],
  [['Reason: SIP ;cause=503 ;text="a, b"', 'Reason: Q.850 ;cause=34 ;text="No circuit"'], 34, 'No circuit'],
  [['Reason: Q.850;cause=16;text="Normal ""x"'], 16, 'Normal ""x'],
  [['Reason: Q.850;cause=0'], null, null],
  [['Reason: Q.850;cause=128'], null, null],
  [['Reason: Q.850;cause=-1;text=""'], null, null],
  [['Reason: Preemption;cause=1;text="UA Preemption"'], null, null],
  [['X-Asterisk-HangupCause: User busy', 'X-Asterisk-HangupCauseCode: 17'], 17, 'User busy'],
  [['Reason: Q.850;cause=19', 'X-Asterisk-HangupCauseCode: 17'], 19, null],
  [['X-Asterisk-HangupCauseCode: 0'], null, null],
  [[`Reason: Q.850;cause=31;text="${'x'.repeat(300)}"`], 31, 'x'.repeat(200)],
];
for (const [lines, q850Cause, reason] of causes) {
  test(`the end of a call with ${JSON.stringify(lines).slice(0, 80)}`, () => {
    assert.deepEqual(readEndCause(bye(lines)), { q850Cause, reason });
  });
}

const waits: readonly (readonly [value: string, seconds: number | null])[] = [
  ['5', 5],
  ['0', 0],
  ['120 (I am in a meeting)', 120],
  ['18000;duration=3600', 18_000],
  ['4294967295', 86_400],
  ['soon', null],
  ['-5', null],
];
for (const [value, seconds] of waits) {
  test(`Retry-After: ${value}`, () => assert.equal(readRetryAfter(bye([`Retry-After: ${value}`])), seconds));
}
test('without Retry-After', () => assert.equal(readRetryAfter(bye([])), null));
