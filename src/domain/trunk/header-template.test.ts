import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headersOf, headerVariableNames, variablesIn } from './header-template.ts';
import type { TrunkHeader } from './trunk.ts';

const call = { number: '+8613242926514', callerId: '1008', taskId: 5000001, seq: 7 };

test('each variable is replaced, wherever it stands and however often', () => {
  const value = headerVariableNames.map((name) => `\${${name}}`).join('/');
  assert.deepEqual(headersOf([['X-Call', `${value};again=\${seq}`]], call), [
    ['X-Call', '+8613242926514/1008/5000001/7;again=7'],
  ]);
  assert.deepEqual(variablesIn(value), headerVariableNames);
});

test('without variables the headers are what they are, in order and as often as they are set', () => {
  const headers: TrunkHeader[] = [
    ['X-Account', '42'],
    ['Diversion', '<sip:1@example.com>'],
    ['X-Account', '43'],
  ];
  assert.equal(headersOf(headers, call), headers);
});

test('a header that would be empty without a caller id is left out', () => {
  const headers: TrunkHeader[] = [
    ['X-Caller', '${callerId}'],
    ['X-Both', 'id=${callerId}'],
  ];
  assert.deepEqual(headersOf(headers, { ...call, callerId: null }), [['X-Both', 'id=']]);
});

test('a value that looks like a pattern is text', () => {
  assert.deepEqual(headersOf([['X-Caller', '${callerId}']], { ...call, callerId: '$&$1${seq}' }), [
    ['X-Caller', '$&$1${seq}'],
  ]);
});
