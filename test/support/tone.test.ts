import assert from 'node:assert/strict';
import { test } from 'node:test';
import { energyShare, heardTones, type Samples, toneSequence } from './tone.ts';
import { decodeWav, encodeWav } from './wav.ts';

const tones = [500, 900, 1500];

/** Every fifth sample and a bit: 44.1 kHz to 8 kHz by linear interpolation. */
function at8k({ pcm, sampleRate }: Samples): Samples {
  const length = Math.floor((pcm.length * 8000) / sampleRate) - 1;
  const step = sampleRate / 8000;
  return {
    sampleRate: 8000,
    pcm: Int16Array.from({ length }, (_, i) => {
      const before = Math.floor(i * step);
      const rest = i * step - before;
      return Math.round((pcm[before] ?? 0) * (1 - rest) + (pcm[before + 1] ?? 0) * rest);
    }),
  };
}

test('tones are heard in their order, at any rate', () => {
  for (const samples of [toneSequence(tones, 0.6, 0.2), at8k(toneSequence(tones, 0.6, 0.2))]) {
    assert.deepEqual(heardTones(samples, tones), tones);
  }
  assert.deepEqual(heardTones(toneSequence([1500, 500], 0.3, 0.1), tones), [1500, 500]);
});

test('a tone with a hole of 120 ms is one tone, with a longer one two', () => {
  const withHole = (holeS: number): Samples => {
    const { pcm, sampleRate } = toneSequence([500, 900], 0.6, 0);
    pcm.fill(0, Math.round(0.2 * sampleRate), Math.round((0.2 + holeS) * sampleRate));
    return { pcm, sampleRate };
  };
  assert.deepEqual(heardTones(withHole(0.12), tones), [500, 900]);
  assert.deepEqual(heardTones(withHole(0.24), tones), [500, 500, 900]);
});

test('silence, noise and other tones are none of them', () => {
  assert.deepEqual(heardTones({ pcm: new Int16Array(8000), sampleRate: 8000 }, tones), []);
  assert.deepEqual(heardTones(toneSequence([700, 1200, 2000], 0.5, 0.1), tones), []);
  let state = 1;
  const noise = Int16Array.from({ length: 16_000 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state % 20_000) - 10_000;
  });
  assert.deepEqual(heardTones({ pcm: noise, sampleRate: 8000 }, tones), []);
});

test('a tone with as much of another beside it counts half', () => {
  const one = toneSequence([500], 0.5, 0).pcm;
  const other = toneSequence([1500], 0.5, 0).pcm;
  const both = Int16Array.from(one, (sample, i) => sample + (other[i] ?? 0));
  const window = both.subarray(0, 4410);
  assert.ok(Math.abs(energyShare(window, 44_100, 500) - 0.5) < 0.02);
  assert.ok(energyShare(window, 44_100, 1000) < 0.02);
});

test('a WAV file is read as it was written', () => {
  const samples = toneSequence([440], 0.1, 0);
  assert.deepEqual(decodeWav(encodeWav(samples, 1)), samples);
  const stereo = encodeWav(samples, 2);
  assert.equal(stereo.length, 44 + samples.pcm.length * 4);
  assert.deepEqual(decodeWav(stereo), samples);
  stereo.writeUInt16LE(8, 34);
  assert.throws(() => decodeWav(stereo), /not 16 bit/);
  assert.throws(() => decodeWav(Buffer.from('no audio')), /not a WAV file/);
});
