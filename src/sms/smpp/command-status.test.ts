import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandStatus, type RefusalKind, statusCode, statusWords } from './command-status.ts';

const rows: readonly (readonly [number, RefusalKind])[] = [
  [0x01, 'final'],
  [0x08, 'temporary'],
  [0x0a, 'final'],
  [0x0b, 'final'],
  [0x14, 'throttled'],
  [0x45, 'final'],
  [0x58, 'throttled'],
  [0x64, 'temporary'],
  [0x65, 'final'],
  [0xff, 'final'],
  [0x0412, 'final'],
  [0xdeadbeef, 'final'],
];

for (const [status, kind] of rows) {
  test(`status ${statusCode(status)} is ${kind}`, () => assert.equal(commandStatus(status).kind, kind));
}

test('status: code and words', () => {
  assert.equal(statusCode(0x58), '0x00000058');
  assert.equal(statusWords(0x58), 'ESME_RTHROTTLED, faster than the carrier allows');
  assert.equal(statusWords(0x0412), "0x00000412, the carrier's own status");
});
