import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AudioError } from './audio-error.ts';
import { finishAudio } from './finish-audio.ts';
import { findTones } from './tones.ts';

const sampleRate = 16_000;
const both = { normalizeLoudness: true, trimSilence: true };
const neither = { normalizeLoudness: false, trimSilence: false };

/** A second of silence, `seconds` of a 440 Hz tone that comes and goes four times a second, as loud as `level`, and a second of silence. */
function beeps(level: number, seconds = 3): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: (2 + seconds) * sampleRate }, (_, index) => {
    const at = index / sampleRate - 1;
    const isSounding = at >= 0 && at < seconds && at % 0.25 < 0.2;
    return isSounding ? level * Math.sin((2 * Math.PI * 440 * index) / sampleRate) : 0;
  });
}

const peakOf = (pcm: Int16Array): number => pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

describe('finishAudio', () => {
  for (const level of [0.02, 0.1, 0.9, 3]) {
    it(`brings a tone of ${level} to -19 LUFS`, () => {
      const audio = finishAudio({ samples: beeps(level), sampleRate }, both);
      assert.ok(Math.abs((audio.loudnessAfter ?? 0) + 19) <= 0.2, `${audio.loudnessAfter}`);
      assert.ok(peakOf(audio.pcm) < 32_767);
      assert.deepEqual(audio.trimmedMs, { start: 950, end: 1000 });
      assert.equal(audio.durationMs, 3050);
      assert.equal(findTones(audio.pcm, { sampleRate, frequenciesHz: [440], windowMs: 10 }).length, 12);
    });
  }

  it('limits peaks instead of clipping them, and still is about as loud', () => {
    // Clicks 26 dB above a quiet tone.
    const samples = beeps(0.05);
    for (let click = 1.05; click < 4; click += 0.5) samples.fill(0.99, click * sampleRate, click * sampleRate + 8);
    const audio = finishAudio({ samples, sampleRate }, both);
    assert.ok(peakOf(audio.pcm) <= 29_205, `${peakOf(audio.pcm)}`);
    assert.ok(Math.abs((audio.loudnessAfter ?? 0) + 19) <= 1, `${audio.loudnessAfter}`);
  });

  it('does not turn noise up without end', () => {
    const audio = finishAudio({ samples: beeps(0.002), sampleRate }, both);
    const gainDb = (audio.loudnessAfter ?? 0) - (audio.loudnessBefore ?? 0);
    assert.ok(gainDb > 29 && gainDb <= 30.1, `${gainDb}`);
  });

  it('does neither when told so', () => {
    const samples = beeps(0.3);
    const audio = finishAudio({ samples, sampleRate }, neither);
    assert.deepEqual(
      audio.pcm,
      Int16Array.from(samples, (sample) => Math.round(sample * 32_767)),
    );
    assert.equal(audio.loudnessBefore, audio.loudnessAfter);
    assert.deepEqual(audio.trimmedMs, { start: 0, end: 0 });
  });

  it('refuses what nobody hears', () => {
    const refused = (reason: string) => (error: unknown) => error instanceof AudioError && error.reason === reason;
    const finish = (samples: Float32Array<ArrayBuffer>) => finishAudio({ samples, sampleRate }, both);
    assert.throws(() => finish(new Float32Array(0)), refused('no-samples'));
    assert.throws(() => finish(new Float32Array(1600)), refused('silent'));
    assert.throws(() => finish(beeps(0.0009)), refused('silent'));
    assert.throws(() => finish(new Float32Array(1600).fill(0.2)), refused('silent'));
    assert.ok(finish(beeps(0.0011)).pcm.length > 0);
  });
});
