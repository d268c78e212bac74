import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { findSound } from './trim-silence.ts';

const sampleRate = 8000;

type Part = { readonly seconds: number; readonly level: number; readonly frequencyHz?: number };

/** Parts one after another; without a frequency they are noise. */
function sound(parts: readonly Part[], floor = 0): Float32Array {
  const random = seededRandom(7);
  const noise = (level: number): number => level * (2 * random.float() - 1);
  return Float32Array.from(
    parts.flatMap(({ seconds, level, frequencyHz }) =>
      Array.from({ length: Math.round(seconds * sampleRate) }, (_, index) =>
        frequencyHz === undefined
          ? noise(level) + noise(floor)
          : level * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRate) + noise(floor),
      ),
    ),
  );
}

const voice: Part = { seconds: 2, level: 0.3, frequencyHz: 300 };
const pause: Part = { seconds: 1.5, level: 0 };

const secondsOf = ({ start, end }: { start: number; end: number }): number[] =>
  [start, end].map((samples) => Math.round((samples / sampleRate) * 100) / 100);

describe('findSound', () => {
  it('keeps 50 ms around the sound, and pauses inside', () => {
    assert.deepEqual(secondsOf(findSound(sound([pause, voice, pause, voice, pause]), sampleRate)), [1.45, 7.05]);
  });

  it('tells the noise of a recording from its voice', () => {
    const [start = 0, end = 0] = secondsOf(findSound(sound([pause, voice, pause], 0.003), sampleRate));
    assert.deepEqual([start, end], [1.45, 3.55]);
  });

  it('keeps soft consonants at both ends: noise 34 dB below the voice', () => {
    const soft: Part = { seconds: 0.15, level: 0.3 * 10 ** (-34 / 20) * 1.22 };
    const [start = 0, end = 0] = secondsOf(findSound(sound([pause, soft, voice, soft, pause]), sampleRate));
    assert.deepEqual([start, end], [1.45, 3.85]);
  });

  it('leaves alone what begins and ends with sound, and what is the same throughout', () => {
    const whole = sound([voice]);
    assert.deepEqual(findSound(whole, sampleRate), { start: 0, end: whole.length });
    const noise = sound([{ seconds: 1, level: 0.1 }]);
    assert.deepEqual(findSound(noise, sampleRate), { start: 0, end: noise.length });
    assert.deepEqual(findSound(whole.subarray(0, 3), sampleRate), { start: 0, end: 3 });
  });

  it('does not take a steady offset for sound', () => {
    const shifted = sound([pause, voice, pause]).map((sample) => sample + 0.05);
    assert.deepEqual(secondsOf(findSound(shifted, sampleRate)), [1.45, 3.55]);
  });
});
