import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { G722Decoder, G722Encoder } from './g722.ts';
import { goertzelPower, meanPower } from './goertzel.ts';
import { generateTones } from './tones.ts';

/** The first 32 hex digits of the SHA-256, samples as little-endian bytes. */
function digestOf(data: Uint8Array | Int16Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 32);
}

/** Numbers of 31 bits, the same in any language: x' = (1103515245 x + 12345) mod 2^31, from 1. */
function* numbers(): Generator<number, never> {
  for (let value = 1; ; ) {
    value = (Math.imul(value, 1103515245) + 12345) & 0x7fffffff;
    yield value;
  }
}

/** One second at 16 kHz. */
function signalOf(sampleAt: (noise: number, index: number) => number): Int16Array {
  const source = numbers();
  return Int16Array.from({ length: 16_000 }, (_, index) => sampleAt((source.next().value >> 15) - 32_768, index));
}

function encoded(pcm: Int16Array): Uint8Array {
  const codes = new Uint8Array(pcm.length / 2);
  new G722Encoder().encode(pcm, codes);
  return codes;
}

function decoded(codes: Uint8Array): Int16Array {
  const pcm = new Int16Array(codes.length * 2);
  new G722Decoder().decode(codes, pcm);
  return pcm;
}

/**
 * Signal, digest of its codes, and of what those decode to, by ffmpeg 5.1.9: `-f s16le -ar 16000 -i FILE -f g722` and `-f g722 -i FILE -f s16le`. The codes are also
 * those of libspandsp 0.0.6, whose decoder overflows where samples clip.
 */
const references: readonly (readonly [string, Int16Array, string, string])[] = [
  [
    'noise at full scale',
    signalOf((noise) => noise),
    '360385afb1889586003b44cf8092e24b',
    '32ada35e070428d4859c4cd9f29f55ce',
  ],
  [
    'noise at -48 dB',
    signalOf((noise) => noise >> 8),
    '83f12bb9d522189f3ceac62b1d676c84',
    '46f581b7a756906aec0d1063b1dd573c',
  ],
  [
    'saw teeth of rising pitch at full scale',
    signalOf((_, index) => ((index * ((index >> 6) + 1)) & 0xffff) - 32_768),
    '88c82f293ac0c622fbc6edefada0be64',
    '02da7d3191fba3aee95dc16b6af64bf2',
  ],
  ['silence', signalOf(() => 0), '9c0b9b2330c2fa6b38a5799a186bfcec', '67f04dfd3801f7a0b3f52d52e00fcb9d'],
];

describe('G.722', () => {
  for (const [name, pcm, codesDigest, pcmDigest] of references) {
    it(`encodes and decodes ${name} bit for bit as an independent implementation does`, () => {
      const codes = encoded(pcm);
      assert.equal(digestOf(codes), codesDigest);
      assert.equal(digestOf(decoded(codes)), pcmDigest);
    });
  }

  it('decodes any bytes bit for bit as an independent implementation does', () => {
    const source = numbers();
    const codes = Uint8Array.from({ length: 8000 }, () => (source.next().value >> 16) & 0xff);
    assert.equal(digestOf(decoded(codes)), '2c62526af43387ab1315727ee82013d2');
  });

  it('decodes the lower band alone, as 8 kHz', () => {
    const [, noise] = references[0] ?? assert.fail('no reference');
    const narrow = new Int16Array(8000);
    new G722Decoder().decodeNarrow(encoded(noise), narrow);
    assert.equal(digestOf(narrow), 'ce57d0c2b70df13ec58d7cf01e67673e');
    for (const frequencyHz of [300, 1000, 1633, 3000]) {
      const codes = encoded(generateTones([{ frequencyHz, durationMs: 400 }], 16_000));
      new G722Decoder().decodeNarrow(codes, narrow);
      const heard = narrow.subarray(1600, 2400);
      assert.ok(goertzelPower(heard, 8000, frequencyHz) > 0.99 * meanPower(heard), `${frequencyHz} Hz`);
      assert.ok(Math.abs(meanPower(heard) - 0.25) < 0.02, `${frequencyHz} Hz at half of full scale`);
    }
  });

  it('does the same in packets of any size as in one go', () => {
    const pcm = signalOf((noise, index) => (noise >> 3) + Math.round(8000 * Math.sin(index / 9)));
    const codes = new Uint8Array(8000);
    const out = new Int16Array(16_000);
    const encoder = new G722Encoder();
    const decoder = new G722Decoder();
    for (let at = 0, size = 2; at < pcm.length; at += size, size = 2 + ((size * 7) % 962)) {
      const block = pcm.subarray(at, at + size);
      encoder.encode(block, codes.subarray(at / 2));
      decoder.decode(codes.subarray(at / 2, (at + block.length) / 2), out.subarray(at));
    }
    assert.deepEqual(codes, encoded(pcm));
    assert.deepEqual(out, decoded(codes));
  });

  it('carries tones of both bands', () => {
    for (const frequencyHz of [300, 1000, 3000, 5000, 6500]) {
      const heard = decoded(encoded(generateTones([{ frequencyHz, durationMs: 400 }], 16_000))).subarray(3200, 4800);
      assert.ok(goertzelPower(heard, 16_000, frequencyHz) > 0.99 * meanPower(heard), `${frequencyHz} Hz`);
      assert.ok(Math.abs(meanPower(heard) - 0.25) < 0.02, `${frequencyHz} Hz at half of full scale`);
    }
  });
});
