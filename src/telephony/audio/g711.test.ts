import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createG711Codec } from './g711.ts';

const aLaw = createG711Codec('PCMA');
const uLaw = createG711Codec('PCMU');

describe('G.711', () => {
  it('has the codes of the ITU-T tables', () => {
    // Smallest, some middle and largest decision intervals of both signs (G.711 tables 1 and 2, 16-bit scale of G.191).
    const aLawVectors = [
      [0xd5, 8],
      [0x55, -8],
      [0xd4, 24],
      [0x80, 5504],
      [0xaa, 32256],
      [0x2a, -32256],
      [0x00, -5504],
    ] as const;
    for (const [code, sample] of aLawVectors) assert.equal(aLaw.decodeSample(code), sample, `${code}`);
    const uLawVectors = [
      [0xff, 0],
      [0xfe, 8],
      [0x7e, -8],
      [0x80, 32124],
      [0x00, -32124],
      [0xef, 132],
      [0x8f, 16764],
    ] as const;
    for (const [code, sample] of uLawVectors) assert.equal(uLaw.decodeSample(code), sample, `${code}`);
    assert.equal(aLaw.silence, 0xd5);
    assert.equal(uLaw.silence, 0xff);
  });

  it('gives the 1 kHz milliwatt of G.711 table 5 its level', () => {
    // One period of 0 dBm0 at 1 kHz: u-law peak 0x0b, A-law peak 0x21; 3.14 and 3.17 dB below full scale.
    const rms = (samples: number[]): number => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
    const a = rms([0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4].map((code) => aLaw.decodeSample(code)));
    const u = rms([0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e].map((code) => uLaw.decodeSample(code)));
    const fullScaleSine = 32768 / Math.SQRT2;
    assert.ok(Math.abs(20 * Math.log10(fullScaleSine / a) - 3.14) < 0.1);
    assert.ok(Math.abs(20 * Math.log10(fullScaleSine / u) - 3.17) < 0.1);
  });

  it('encodes every decoded code back to itself', () => {
    for (let code = 0; code < 256; code += 1) {
      assert.equal(aLaw.encodeSample(aLaw.decodeSample(code)), code);
      // u-law has two zeros; the negative one comes back as the positive one.
      assert.equal(uLaw.encodeSample(uLaw.decodeSample(code)), code === 0x7f ? 0xff : code);
    }
  });

  it('keeps every sample within half a quantisation step', () => {
    for (let sample = -32768; sample <= 32767; sample += 1) {
      const magnitude = Math.abs(sample);
      const aError = Math.abs(aLaw.decodeSample(aLaw.encodeSample(sample)) - sample);
      const uError = Math.abs(uLaw.decodeSample(uLaw.encodeSample(sample)) - sample);
      assert.ok(aError <= Math.max(16, magnitude / 31), `A-law ${sample}: ${aError}`);
      assert.ok(
        uError <= (magnitude > 32635 ? 644 : Math.max(4, (magnitude + 132) / 32)),
        `u-law ${sample}: ${uError}`,
      );
    }
  });

  it('encodes and decodes whole blocks as it does single samples', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 400 }), (samples) => {
        for (const codec of [aLaw, uLaw]) {
          const codes = new Uint8Array(samples.length);
          codec.encode(Int16Array.from(samples), codes);
          assert.deepEqual(
            [...codes],
            samples.map((sample) => codec.encodeSample(sample)),
          );
          const back = new Int16Array(samples.length);
          codec.decode(codes, back);
          assert.deepEqual(
            [...back],
            [...codes].map((code) => codec.decodeSample(code)),
          );
        }
      }),
    );
  });
});
