import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CounterTransform } from './counter-transform.ts';
import { createSrtpTransform } from './create-srtp-transform.ts';
import { GcmTransform } from './gcm-transform.ts';
import { deriveSessionKeys } from './session-keys.ts';
import { SrtpProtector } from './srtp-protector.ts';
import type { SrtpSuiteName } from './srtp-suite.ts';
import { SrtpUnprotector } from './srtp-unprotector.ts';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

const key128 = hex('e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6');
const key256 = hex('f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6 3b04803de51ee7c96423ab5b78d2');

describe('session keys', () => {
  it('are derived as in RFC 3711 B.3', () => {
    const keys = deriveSessionKeys({ suite: 'AES_CM_128_HMAC_SHA1_80', masterKey: key128 });
    assert.deepEqual(keys, {
      cipherKey: hex('c61e7a93744f39ee10734afe3ff7a087'),
      salt: hex('30cbbc08863d8c85d49db34a9ae1'),
      authKey: hex('cebe321f6ff7716b6fd4ab49af256a156d38baa4'),
    });
  });

  it('are derived as in RFC 6188 7.2', () => {
    const keys = deriveSessionKeys({ suite: 'AES_256_CM_HMAC_SHA1_80', masterKey: key256 });
    assert.deepEqual(keys, {
      cipherKey: hex('5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4'),
      salt: hex('fa31791685ca444a9e07c6c64e93'),
      authKey: hex('fd9c32d39ed5fbb5a9dc96b30818454d1313dc05'),
    });
  });

  it('refuse a master key of another length', () => {
    assert.throws(() => createSrtpTransform({ suite: 'AEAD_AES_128_GCM', masterKey: key128 }), /length of its suite/);
  });
});

describe('the key stream', () => {
  const salt = hex('f0f1f2f3f4f5f6f7f8f9fafbfcfd');
  const vectors: [string, string, string][] = [
    [
      'of 128 bits is that of RFC 3711 B.2',
      '2b7e151628aed2a6abf7158809cf4f3c',
      'e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab 41e95b3bb0a2e8dd477901e4fca894c0',
    ],
    [
      'of 256 bits is that of RFC 6188 7.1',
      '57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98',
      '92bdd28a93c3f52511c677d08b5515a4 9da71b2378a854f67050756ded165bac 63c4868b7096d88421b563b8c94c9a31',
    ],
  ];
  for (const [name, cipherKey, stream] of vectors) {
    it(name, () => {
      const transform = new CounterTransform({ cipherKey: hex(cipherKey), salt, authKey: Buffer.alloc(20) }, 10);
      const packet = Buffer.alloc(48 + 10);
      transform.seal(packet, { headerEnd: 0, payloadEnd: 48, ssrc: 0, index: 0 });
      assert.deepEqual(packet.subarray(0, 48), hex(stream));
    });
  }
});

describe('AES-GCM', () => {
  const packet = hex(`8040f17b 8041f8d3 5501a0b2
    47616c6c69612065737420 6f6d6e6973 2064697669736120696e 207061727465732074726573`);
  const sealed: [string, number, string][] = [
    [
      'RFC 7714 16.1.1',
      16,
      'f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833 899d7f27beb16a9152cf765ee4390cce',
    ],
    [
      'RFC 7714 16.2.1',
      32,
      '32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b 7aa3db36dfffd6b0f9bb7878d7a76c13',
    ],
  ];
  for (const [name, keyBytes, expected] of sealed) {
    it(`seals the packet of ${name}`, () => {
      const cipherKey = Buffer.from(Array.from({ length: keyBytes }, (_, index) => index));
      const salt = hex('517569642070726f2071756f');
      const transform = new GcmTransform({ cipherKey, salt, authKey: Buffer.alloc(0) }, 16);
      const out = Buffer.concat([packet, Buffer.alloc(16)]);
      const place = { headerEnd: 12, payloadEnd: packet.length, ssrc: 0x5501a0b2, index: 0xf17b };
      transform.seal(out, place);
      assert.deepEqual(out.subarray(12), hex(expected));
      assert.ok(transform.unseal(out, place));
      assert.deepEqual(out.subarray(0, packet.length), packet);
    });
  }
});

describe('a whole packet', () => {
  // The reference packets that libsrtp tests itself with: derivation, encryption and tag together.
  const plain = hex('800f1234decafbadcafebabe abababababababababababababababab');
  const whole: [SrtpSuiteName, Buffer, string][] = [
    ['AES_CM_128_HMAC_SHA1_80', key128, '4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb'],
    ['AES_256_CM_HMAC_SHA1_80', key256, 'f1d9de17ff251ff1aa007774b0b4b40d a08d9d9a5b3a55d8873b'],
    [
      'AEAD_AES_128_GCM',
      hex('000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab'),
      'c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392',
    ],
  ];
  for (const [suite, masterKey, expected] of whole) {
    it(`is protected by ${suite} as by libsrtp, and opened again`, () => {
      const wire = new SrtpProtector({ suite, masterKey }).protect(plain);
      assert.deepEqual(wire.subarray(12), hex(expected));
      assert.deepEqual(new SrtpUnprotector({ suite, masterKey }).unprotect(wire), plain);
    });
  }

  it('has four bytes of the same tag with the short one', () => {
    const wire = new SrtpProtector({ suite: 'AES_CM_128_HMAC_SHA1_32', masterKey: key128 }).protect(plain);
    assert.deepEqual(wire.subarray(12), hex('4e55dc4ce79978d88ca4d215949d2402 b78d6acc'));
  });
});
