import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedTrunk } from '../../test/support/trunk-target.ts';
import type { TrunkChange } from '../domain/trunk/trunk.ts';
import { addressedCall } from './addressed-call.ts';

const callee = { createdDay: '2026-01-05', taskId: 7, seq: 9, number: '8613000000001', variables: null };

const rows: readonly (readonly [what: string, trunk: TrunkChange, callerId: string | null, shown: string | null])[] = [
  ['a caller id', {}, '1008', '1008'],
  ['a caller id with plus', { callerIdHasPlus: true }, '1008', '+1008'],
  ['no caller id', {}, null, null],
  ['no caller id, but an account', { username: 'acme' }, null, 'acme'],
  ['an account never gets a plus', { username: '4930', callerIdHasPlus: true }, null, '4930'],
];
for (const [what, trunk, callerId, shown] of rows) {
  test(`${what} is shown as ${shown}`, () => {
    assert.equal(addressedCall(storedTrunk(1, trunk), callee, callerId).displayNum, shown);
  });
}

test('headers get the number and the caller id as they are written', () => {
  const trunk = storedTrunk(1, {
    hasPlus: true,
    callerIdHasPlus: true,
    headers: [['X-Call', '${taskId}.${seq} ${callerId} ${number}']],
  });
  const call = addressedCall(trunk, callee, '1008');
  assert.deepEqual(call.trunk.headers, [['X-Call', '7.9 +1008 +8613000000001']]);
  assert.equal(call.number, '+8613000000001');
});
