import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { limit } from './limiter.ts';

const sampleRate = 16_000;

const peakOf = (samples: Float32Array): number => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

const sine = (frequencyHz: number, level: number, count: number, phase = 0): Float32Array =>
  Float32Array.from(
    { length: count },
    (_, index) => level * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRate + phase),
  );

describe('limit', () => {
  it('only multiplies where nothing is too loud', () => {
    const samples = sine(440, 0.4, 1600);
    const out = limit(samples, { sampleRate, gain: 2, ceiling: 0.9 });
    assert.deepEqual(
      out,
      samples.map((sample) => sample * 2),
    );
  });

  it('lets no sample exceed the ceiling, whatever comes', () => {
    const noise = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(noise, fc.double({ min: 0.1, max: 30, noNaN: true }), (values, gain) => {
        const out = limit(Float32Array.from(values), { sampleRate, gain, ceiling: 0.9 });
        assert.ok(peakOf(out) <= 0.9 + 1e-5, `${peakOf(out)}`);
      }),
    );
  });

  it('sees the peaks between samples', () => {
    // A quarter of the rate, sampled at 45 degrees: the samples are at 0.707 of the wave.
    const out = limit(sine(4000, 1, 3200, Math.PI / 4), { sampleRate, gain: 1.3, ceiling: 0.9 });
    const wave = peakOf(out.subarray(800)) / Math.SQRT1_2;
    assert.ok(wave > 0.85 && wave < 0.911, `${wave}`);
  });

  it('is down before the peak, gently, and comes back', () => {
    const samples = sine(440, 0.3, 16_000);
    samples.fill(1, 8000, 8016);
    const out = limit(samples, { sampleRate, gain: 1.5, ceiling: 0.9 });
    const gainAt = (index: number): number => (out[index] ?? 0) / (samples[index] ?? 1);
    assert.ok(Math.abs(gainAt(7000) - 1.5) < 1e-3, 'untouched long before');
    assert.ok(gainAt(7990) < 1.1, 'turned down ahead');
    assert.ok(gainAt(7940) > gainAt(7990), 'not at once');
    assert.ok(gainAt(8200) < 1.2 && gainAt(15_000) > 1.49, 'comes back');
  });
});
