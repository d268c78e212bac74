import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SmsReceipt } from '../sms-transport.ts';
import { UnclaimedReceipts } from './unclaimed-receipts.ts';

const receipt = (providerId: string, state: SmsReceipt['state'] = 'delivered'): SmsReceipt => ({
  providerId,
  state,
  doneAt: null,
  code: null,
});

test('unclaimed receipts: are given once, the first of each part', () => {
  const unclaimed = new UnclaimedReceipts();
  for (const each of [receipt('a'), receipt('a', 'failed'), receipt('b'), receipt('c')]) unclaimed.keep(each);
  assert.deepEqual(unclaimed.claim(['a', 'b', 'x']), [receipt('a'), receipt('b')]);
  assert.deepEqual(unclaimed.claim(['a', 'b']), []);
  unclaimed.clear();
  assert.deepEqual(unclaimed.claim(['c']), []);
});

test('unclaimed receipts: the oldest make room', () => {
  const unclaimed = new UnclaimedReceipts();
  for (let nth = 0; nth <= 10_000; nth += 1) unclaimed.keep(receipt(`${nth}`));
  assert.deepEqual(unclaimed.claim(['0']), []);
  assert.deepEqual(unclaimed.claim(['1', '10000']), [receipt('1'), receipt('10000')]);
});
