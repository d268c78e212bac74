import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AudioError } from './audio-error.ts';
import { type MonoMix, MonoSink } from './mono-sink.ts';

const open = (mix: MonoMix = 'mean', rateFor = (rate: number): number => rate): MonoSink =>
  new MonoSink({ mix, rateFor });

const refused = (reason: string) => (error: unknown) => error instanceof AudioError && error.reason === reason;

describe('MonoSink', () => {
  it('mixes any number of channels by their mean, and what is not a number is silence', async () => {
    const sink = open();
    await sink.add({ channelData: [Float32Array.of(0.5, Number.NaN), Float32Array.of(0.25, 0.25)], sampleRate: 8000 });
    await sink.add({ channelData: [0.3, 0.6, -0.3].map((value) => Float32Array.of(value)), sampleRate: 8000 });
    assert.deepEqual(
      [...sink.finish().samples].map((sample) => Math.round(sample * 1000)),
      [375, 125, 200],
    );
  });

  it('bounds what floating-point files may hold', async () => {
    const sink = open();
    await sink.add({ channelData: [Float32Array.of(1e30, -1e30, 1.5)], sampleRate: 8000 });
    assert.deepEqual([...sink.finish().samples], [4, -4, 1.5]);
  });

  it('knows stereo of which one side is upside down, and can mix that', async () => {
    const left = Float32Array.from({ length: 800 }, (_, index) => 0.5 * Math.sin(index / 5));
    const right = left.map((sample) => -sample);
    const mean = open();
    await mean.add({ channelData: [left, right], sampleRate: 8000 });
    assert.equal(mean.isUpsideDown, true);
    const difference = open('difference');
    await difference.add({ channelData: [left, right], sampleRate: 8000 });
    assert.equal(difference.isUpsideDown, false);
    assert.deepEqual(difference.finish().samples, left);
  });

  it('takes one silent side, and different sides, for what they are', async () => {
    const left = Float32Array.from({ length: 800 }, (_, index) => 0.5 * Math.sin(index / 5));
    for (const right of [new Float32Array(800), left.map((_, index) => 0.5 * Math.sin(index / 7))]) {
      const sink = open();
      await sink.add({ channelData: [left, right], sampleRate: 8000 });
      assert.equal(sink.isUpsideDown, false);
    }
  });

  it('resamples across blocks of any length as if they were one', async () => {
    const source = Float32Array.from({ length: 44_100 }, (_, index) => 0.5 * Math.sin(index / 20));
    const whole = open('mean', () => 16_000);
    await whole.add({ channelData: [source], sampleRate: 44_100 });
    const pieces = open('mean', () => 16_000);
    for (let start = 0; start < source.length; start += 4_111) {
      await pieces.add({ channelData: [source.subarray(start, start + 4_111)], sampleRate: 44_100 });
    }
    const [expected, actual] = [whole.finish(), pieces.finish()];
    assert.deepEqual([actual.sampleRate, actual.samples.length], [16_000, 16_000]);
    assert.ok(actual.samples.every((sample, index) => Math.abs(sample - (expected.samples[index] ?? 9)) < 1e-4));
    for (const sink of [whole, pieces]) sink.close();
  });

  it('refuses what is too long, changes its rate, or has none that makes sense', async () => {
    const second = { channelData: [new Float32Array(48_000)], sampleRate: 48_000 };
    const sink = open('mean', () => 48_000);
    for (let count = 0; count < 600; count += 1) await sink.add(second);
    await assert.rejects(sink.add(second), refused('too-long'));
    const changing = open();
    await changing.add({ channelData: [new Float32Array(10)], sampleRate: 8000 });
    await assert.rejects(changing.add(second), refused('not-decodable'));
    for (const sampleRate of [0, 3999, 192_001, Number.NaN]) {
      await assert.rejects(open().add({ channelData: [new Float32Array(1)], sampleRate }), refused('not-decodable'));
    }
    assert.throws(() => open().finish(), refused('no-samples'));
  });
});
