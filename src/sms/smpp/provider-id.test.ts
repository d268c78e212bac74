import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IdFormat, idFromAnswer, idFromReceipt } from './provider-id.ts';

const same: readonly (readonly [IdFormat, answer: string, receipt: string])[] = [
  ['same', 'a1b2-c3', 'a1b2-c3'],
  ['same', ' 0012 ', '0012'],
  ['hex-to-dec', '00A1b2', '41394'],
  ['hex-to-dec', '0xff', '0000000255'],
  ['hex-to-dec', 'ffffffffffffffffffff', '1208925819614629174706175'],
  ['dec-to-hex', '0000000255', 'FF'],
  ['dec-to-hex', '41394', 'a1b2'],
  // No number in that base: it may still be the same.
  ['hex-to-dec', 'not-a-number', 'not-a-number'],
  ['dec-to-hex', 'x1', 'x1'],
];

for (const [format, answer, receipt] of same) {
  test(`provider id: ${answer} and ${receipt} are the same as ${format}`, () => {
    assert.equal(idFromAnswer(answer, format), idFromReceipt(receipt, format));
  });
}

test('provider id: same is taken as it is written', () => {
  assert.notEqual(idFromAnswer('0012', 'same'), idFromReceipt('12', 'same'));
  assert.equal(idFromAnswer('AB', 'same'), 'AB');
});
