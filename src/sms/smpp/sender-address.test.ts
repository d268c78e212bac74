import assert from 'node:assert/strict';
import { test } from 'node:test';
import { senderAddress } from './sender-address.ts';

const asItLooks = { ton: null, npi: null };

const rows: readonly (readonly [string | null, number, number, string])[] = [
  [null, 0, 0, ''],
  ['  ', 0, 0, ''],
  ['Carillon', 5, 0, 'Carillon'],
  ['4you', 5, 0, '4you'],
  ['12', 3, 0, '12'],
  ['123456', 3, 0, '123456'],
  ['1234567', 1, 1, '1234567'],
  ['8613800138000', 1, 1, '8613800138000'],
  ['+49151', 1, 1, '49151'],
];

for (const [from, ton, npi, address] of rows) {
  test(`sender: ${JSON.stringify(from)}`, () => {
    assert.deepEqual(senderAddress(from, asItLooks), { ton, npi, address });
  });
}

test('sender: a carrier may want it otherwise', () => {
  assert.deepEqual(senderAddress('12345', { ton: 0, npi: 1 }), { ton: 0, npi: 1, address: '12345' });
  assert.deepEqual(senderAddress('12345', { ton: 6, npi: null }), { ton: 6, npi: 0, address: '12345' });
});

test('sender: what SMPP cannot carry', () => {
  for (const from of ['a'.repeat(21), 'Glöckchen', '钟']) assert.equal(senderAddress(from, asItLooks), null);
});
