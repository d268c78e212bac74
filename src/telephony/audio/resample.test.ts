import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goertzelPower, meanPower } from './goertzel.ts';
import { resample } from './resample.ts';
import { generateTones } from './tones.ts';

const rates = [
  [44_100, 16_000],
  [48_000, 8000],
  [16_000, 8000],
  [8000, 16_000],
  [22_050, 8000],
  [11_025, 16_000],
] as const;

describe('resample', () => {
  for (const [from, to] of rates) {
    it(`keeps a tone, its level and its length from ${from} to ${to} Hz`, async () => {
      const source = generateTones([{ frequencyHz: 1000, durationMs: 2500 }], from);
      const out = await resample(source, from, to);
      assert.equal(out.length, Math.round((source.length * to) / from));
      const middle = out.subarray(to / 2, to / 2 + to);
      assert.ok(Math.abs(goertzelPower(middle, to, 1000) - 0.25) < 0.005);
      assert.ok(goertzelPower(out.subarray(-to / 10), to, 1000) > 0.2, 'the tail is there');
    });
  }

  it('removes what the lower rate cannot carry, instead of folding it back', async () => {
    const out = await resample(generateTones([{ frequencyHz: 5000, durationMs: 1000 }], 16_000), 16_000, 8000);
    assert.ok(meanPower(out.subarray(800, 7200)) < 1e-6);
  });

  it('is aligned with its input', async () => {
    const out = await resample(generateTones([{ frequencyHz: 500, durationMs: 400 }], 48_000), 48_000, 8000);
    const expected = generateTones([{ frequencyHz: 500, durationMs: 400 }], 8000);
    for (let index = 400; index < 2800; index += 1) {
      assert.ok(Math.abs((out[index] ?? 0) - (expected[index] ?? 0)) < 40, `sample ${index}`);
    }
  });

  it('copies where the rate is the same', async () => {
    const pcm = Int16Array.from([1, -2, 3]);
    const out = await resample(pcm, 8000, 8000);
    assert.deepEqual(out, pcm);
    assert.notEqual(out.buffer, pcm.buffer);
  });
});
