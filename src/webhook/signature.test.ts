import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signatureHeader } from './signature.ts';

test('signature: as computed by OpenSSL', () => {
  // printf '%s' '1670939112.{"voiceId":"22121121451211349002","callee":"六"}' | openssl dgst -sha256 -hmac sXk2vR9pLq
  const body = '{"voiceId":"22121121451211349002","callee":"六"}';
  assert.equal(
    signatureHeader('sXk2vR9pLq', body, 1_670_939_112),
    't=1670939112,v1=7153142cc4f225e75521eea69c1ccfaded007828fe6b8353456a702abd47b8ba',
  );
});

test('signature: differs by secret, body and time', () => {
  const all = [
    signatureHeader('a', 'body', 1),
    signatureHeader('b', 'body', 1),
    signatureHeader('a', 'bodY', 1),
    signatureHeader('a', 'body', 2).replace('t=2', 't=1'),
  ];
  assert.equal(new Set(all).size, all.length);
});
