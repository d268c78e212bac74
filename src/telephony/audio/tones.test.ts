import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goertzelPower, meanPower } from './goertzel.ts';
import { findTones, generateTones } from './tones.ts';

describe('goertzelPower', () => {
  const tone = generateTones([{ frequencyHz: 1000, durationMs: 100, level: 0.8 }], 8000);

  it('is about the square of the amplitude at the frequency, and next to nothing beside it', () => {
    assert.ok(Math.abs(goertzelPower(tone, 8000, 1000) - 0.64) < 0.04);
    assert.ok(Math.abs(meanPower(tone) - 0.64) < 0.04);
    for (const other of [300, 900, 1100, 2000, 3400]) assert.ok(goertzelPower(tone, 8000, other) < 0.002, `${other}`);
  });

  it('is 0 for nothing', () => {
    assert.equal(goertzelPower(new Int16Array(0), 8000, 1000), 0);
    assert.equal(goertzelPower(new Int16Array(400), 8000, 1000), 0);
  });
});

describe('findTones', () => {
  it('finds the sequence that was generated, with its times, also the same tone twice', () => {
    const pcm = generateTones(
      [
        { frequencyHz: 440, durationMs: 200 },
        { frequencyHz: 700, durationMs: 120 },
        { frequencyHz: null, durationMs: 80 },
        { frequencyHz: 700, durationMs: 160 },
      ],
      16_000,
    );
    assert.deepEqual(findTones(pcm, { sampleRate: 16_000, frequenciesHz: [440, 700] }), [
      { frequencyHz: 440, startMs: 0, durationMs: 200 },
      { frequencyHz: 700, startMs: 200, durationMs: 120 },
      { frequencyHz: 700, startMs: 400, durationMs: 160 },
    ]);
  });

  it('finds nothing in silence, and nothing where two tones sound together', () => {
    const one = generateTones([{ frequencyHz: 440, durationMs: 400 }], 8000);
    const two = generateTones([{ frequencyHz: 1000, durationMs: 400 }], 8000);
    const both = one.map((sample, index) => sample + (two[index] ?? 0));
    assert.deepEqual(findTones(both, { sampleRate: 8000, frequenciesHz: [440, 1000] }), []);
    assert.deepEqual(findTones(new Int16Array(8000), { sampleRate: 8000, frequenciesHz: [440] }), []);
  });
});
