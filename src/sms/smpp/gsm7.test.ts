import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeGsm7, gsm7Size, packGsm7 } from './gsm7.ts';

const examples: readonly (readonly [string, readonly number[]])[] = [
  ['@', [0x00]],
  ['£$¥èéùìòÇ', [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09]],
  ['\nØø\rÅå', [0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f]],
  ['Δ_ΦΓΛΩΠΨΣΘΞ', [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a]],
  ['ÆæßÉ', [0x1c, 0x1d, 0x1e, 0x1f]],
  [' !"#¤%&', [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26]],
  ['09:?', [0x30, 0x39, 0x3a, 0x3f]],
  ['¡AZÄÖÑÜ§', [0x40, 0x41, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f]],
  ['¿azäöñüà', [0x60, 0x61, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f]],
  ['\f^{}', [0x1b, 0x0a, 0x1b, 0x14, 0x1b, 0x28, 0x1b, 0x29]],
  ['\\[~]|€', [0x1b, 0x2f, 0x1b, 0x3c, 0x1b, 0x3d, 0x1b, 0x3e, 0x1b, 0x40, 0x1b, 0x65]],
];

for (const [text, septets] of examples) {
  test(`gsm7: ${JSON.stringify(text)}`, () => {
    assert.deepEqual([...encodeGsm7(text)], septets);
    const sizes = [...text].map((char) => gsm7Size(char) ?? 0);
    assert.equal(
      sizes.reduce<number>((sum, size) => sum + size, 0),
      septets.length,
    );
  });
}

test('gsm7: what it does not have', () => {
  for (const char of ['ç', '中', '`', 'á', '\u001b', '\t', '😀', '’']) {
    assert.equal(gsm7Size(char), null, char);
    assert.throws(() => encodeGsm7(char), RangeError);
  }
});

test('gsm7: packed as GSM 03.38 shows it', () => {
  assert.equal(packGsm7(encodeGsm7('hello'), 0).toString('hex'), 'e8329bfd06');
  assert.equal(packGsm7(encodeGsm7('hellohello'), 0).toString('hex'), 'e8329bfd4697d9ec37');
  assert.equal(packGsm7(Buffer.alloc(0), 0).length, 0);
});

test('gsm7: seven bits that are left over are a carriage return, not an @', () => {
  assert.equal(packGsm7(encodeGsm7('1234567'), 0).toString('hex'), '31d98c56b3dd1a');
});

test('gsm7: behind a header of six octets the septets begin at the next septet', () => {
  // 48 bits are six septets and six bits: one bit fills the seventh.
  assert.equal(packGsm7(Buffer.from([0x7f]), 6).toString('hex'), 'fe');
  assert.equal(packGsm7(Buffer.alloc(153, 0x61), 6).length, 134);
});
