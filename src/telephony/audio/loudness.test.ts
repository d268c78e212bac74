import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { integratedLoudness } from './loudness.ts';

/** Stretches of a sine, one after another: level of the peaks in dB of full scale, and seconds. */
function sines(
  sampleRate: number,
  frequencyHz: number,
  stretches: readonly (readonly [db: number, seconds: number])[],
) {
  const levels = stretches.flatMap(([db, seconds]) => Array<number>(seconds * sampleRate).fill(10 ** (db / 20)));
  return Float32Array.from(
    levels,
    (level, index) => level * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRate),
  );
}

const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);

describe('integratedLoudness', () => {
  // ITU-R BS.1770-4: a full-scale sine of 997 Hz on one channel is -3.01.
  for (const sampleRate of [48_000, 44_100, 22_050, 16_000, 8000]) {
    it(`measures the reference tone at ${sampleRate} Hz`, () => {
      near(integratedLoudness(sines(sampleRate, 997, [[0, 3]]), sampleRate), -3.01, sampleRate === 8000 ? 0.25 : 0.1);
      near(
        integratedLoudness(sines(sampleRate, 997, [[-20, 3]]), sampleRate),
        -23.01,
        sampleRate === 8000 ? 0.25 : 0.1,
      );
    });
  }

  // EBU Tech 3341, cases 3 to 5; their tones are on two channels, which makes them 3.01 LU louder than on one.
  const cases: readonly (readonly [name: string, stretches: [number, number][], lufs: number])[] = [
    [
      'the quiet before and after by the relative gate',
      [
        [-36, 10],
        [-23, 60],
        [-36, 10],
      ],
      -23,
    ],
    [
      'silence by the absolute gate',
      [
        [-72, 10],
        [-36, 10],
        [-23, 60],
        [-36, 10],
        [-72, 10],
      ],
      -23,
    ],
    [
      'what is within both gates',
      [
        [-26, 20],
        [-20, 20],
        [-26, 20],
      ],
      -23,
    ],
  ];
  for (const [name, stretches, lufs] of cases) {
    it(`gates ${name}`, () => {
      near(integratedLoudness(sines(48_000, 1000, stretches), 48_000), lufs - 3.01, 0.1);
    });
  }

  it('hears high sounds louder and rumble not at all', () => {
    const at = (frequencyHz: number): number => integratedLoudness(sines(16_000, frequencyHz, [[-20, 2]]), 16_000);
    near(at(3500) - at(997), 3.3, 0.2);
    assert.ok(at(20) < at(997) - 10);
  });

  it('measures less than a block as one, and silence as nothing', () => {
    near(integratedLoudness(sines(16_000, 997, [[-20, 1]]).subarray(0, 3200), 16_000), -23.01, 0.2);
    assert.equal(integratedLoudness(new Float32Array(16_000), 16_000), Number.NEGATIVE_INFINITY);
    assert.equal(integratedLoudness(new Float32Array(0), 16_000), Number.NEGATIVE_INFINITY);
  });
});
