import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { lastSrtcpIndex, SrtcpTransform } from './srtcp-transform.ts';
import { SrtpStream } from './srtp-stream.ts';
import { masterKeyBytes, type SrtpKeys, type SrtpSuiteName, srtpSuites } from './srtp-suite.ts';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

const suites = Object.keys(srtpSuites) as SrtpSuiteName[];

function keysOf(suite: SrtpSuiteName, send: number, receive: number): SrtpKeys {
  const key = (fill: number) => ({ suite, masterKey: Buffer.alloc(masterKeyBytes(suite), fill) });
  return { send: key(send), receive: key(receive) };
}

const packets = fc
  .tuple(fc.integer({ min: 0, max: 0xffff_ffff }), fc.uint8Array({ maxLength: 120 }))
  .map(([ssrc, rest]) => {
    const head = hex('80c9000100000000');
    head.writeUInt32BE(ssrc, 4);
    return Buffer.concat([head, rest]);
  });

describe('SRTCP', () => {
  const vectors: [string, number, string][] = [
    [
      'RFC 7714 17.1',
      16,
      `63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b
       c84aa45896cf4d2fc5abf87245d9eade`,
    ],
    [
      'RFC 7714 17.2',
      32,
      `d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad
       1d1eb30c4446839f57ff6f6cb26ac3be`,
    ],
  ];
  const report = hex(
    '81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61 deadbeefdeadbeefdeadbeef deadbeefdeadbeef',
  );
  for (const [name, keyBytes, expected] of vectors) {
    it(`seals and opens the packet of ${name}`, () => {
      const cipherKey = Buffer.from(Array.from({ length: keyBytes }, (_, index) => index));
      const keys = { cipherKey, salt: hex('517569642070726f2071756f'), authKey: Buffer.alloc(0) };
      const transform = new SrtcpTransform('gcm', keys);
      const sealed = hex(`81c8000d4d617273 ${expected} 800005d4`);
      assert.deepEqual(transform.seal(report, 0x5d4), sealed);
      assert.deepEqual(transform.unseal(sealed), { packet: report, index: 0x5d4 });
    });
  }

  // The reference packets of libsrtp and of those who test themselves against it: derivation, encryption and tag together, index 1.
  const plain = hex('81c8000bcafebabe abababababababababababababababab');
  const whole: [SrtpSuiteName, string, string][] = [
    [
      'AES_CM_128_HMAC_SHA1_80',
      'e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6',
      '7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798',
    ],
    [
      'AES_CM_128_HMAC_SHA1_32',
      'e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6',
      '7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798',
    ],
    [
      'AEAD_AES_128_GCM',
      '000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab',
      'c98b8b5df0392a55852b6c21ac8e7025 c52c6fbea2b3b446ea31123ba88ce61e 80000001',
    ],
  ];
  for (const [suite, masterKey, expected] of whole) {
    it(`is as libsrtp has it with ${suite}`, () => {
      const key = { suite, masterKey: hex(masterKey) };
      const stream = new SrtpStream({ send: key, receive: key });
      const wire = stream.protectRtcp(plain);
      assert.deepEqual(wire, hex(`81c8000bcafebabe ${expected}`));
      assert.deepEqual(stream.unprotectRtcp(wire), plain);
    });
  }

  it('is opened by the far side once, and by nobody else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...suites), fc.array(packets, { minLength: 1, maxLength: 5 }), (suite, all) => {
        const near = new SrtpStream(keysOf(suite, 1, 2));
        const far = new SrtpStream(keysOf(suite, 2, 1));
        const stranger = new SrtpStream(keysOf(suite, 2, 3));
        const wires = all.map((packet) => near.protectRtcp(packet));
        for (const [index, wire] of wires.entries()) {
          assert.equal(stranger.unprotectRtcp(wire), null);
          assert.deepEqual(far.unprotectRtcp(wire), all[index]);
          assert.equal(far.unprotectRtcp(wire), null, 'seen before');
        }
      }),
    );
  });

  it('is not opened with one bit changed, cut short, or in clear', () => {
    fc.assert(
      fc.property(fc.constantFrom(...suites), packets, fc.nat(), (suite, packet, at) => {
        const wire = new SrtpStream(keysOf(suite, 1, 2)).protectRtcp(packet);
        const far = new SrtpStream(keysOf(suite, 2, 1));
        const changed = Buffer.from(wire);
        const bit = at % (wire.length * 8);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(far.unprotectRtcp(changed), null);
        assert.equal(far.unprotectRtcp(wire.subarray(0, at % wire.length)), null);
        assert.equal(far.unprotectRtcp(packet), null);
        assert.deepEqual(far.unprotectRtcp(wire), packet);
      }),
    );
  });

  it('counts on under a key that stays, so that no key stream is used twice, and begins anew under another', () => {
    const suite = 'AES_CM_128_HMAC_SHA1_80';
    const [near, far] = [new SrtpStream(keysOf(suite, 1, 2)), new SrtpStream(keysOf(suite, 2, 1))];
    const indexOf = (wire: Buffer) => wire.readUInt32BE(wire.length - 14) & lastSrtcpIndex;
    assert.equal(indexOf(near.protectRtcp(plain)), 1);
    near.configure(keysOf(suite, 1, 3));
    assert.equal(indexOf(near.protectRtcp(plain)), 2);
    const seen = near.protectRtcp(plain);
    assert.deepEqual(far.unprotectRtcp(seen), plain);
    far.configure(keysOf(suite, 3, 1));
    assert.equal(far.unprotectRtcp(seen), null, 'what was seen stays seen');
    assert.deepEqual(near.unprotectRtcp(far.protectRtcp(plain)), plain);
    near.configure(keysOf(suite, 4, 3));
    assert.equal(indexOf(near.protectRtcp(plain)), 1);
  });

  it('counts to the last index', () => {
    const transform = new SrtcpTransform('gcm', {
      cipherKey: Buffer.alloc(16),
      salt: Buffer.alloc(12),
      authKey: Buffer.alloc(0),
    });
    const opened = transform.unseal(transform.seal(plain, lastSrtcpIndex));
    assert.deepEqual(opened, { packet: plain, index: lastSrtcpIndex });
  });
});
