import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { md5 } from './md5.ts';

test('the vectors of RFC 1321', () => {
  const vectors = {
    '': 'd41d8cd98f00b204e9800998ecf8427e',
    a: '0cc175b9c0f1b6a831c399e269772661',
    abc: '900150983cd24fb0d6963f7d28e17f72',
    'message digest': 'f96b697d7cb7938d525a2f31aaf161d0',
    abcdefghijklmnopqrstuvwxyz: 'c3fcd3d76192e4007dfb496cca67e13b',
    ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: 'd174ab98d277d9f5a5611c2c9f419d9f',
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890':
      '57edf4a22be3c955ac49da2e2107b67a',
  };
  for (const [text, digest] of Object.entries(vectors)) assert.equal(md5(text), digest, text);
});

test('the vector of contract 1.2', () => {
  assert.equal(md5('bDqJFiq97bz1lzh91630468800'), '05d7a50893e22a5c4bb3216ae3396c7c');
});

test('any text has the digest that node has of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      assert.equal(
        md5(text),
        createHash('md5')
          .update(Buffer.from(new TextEncoder().encode(text)))
          .digest('hex'),
      );
    }),
  );
});
