import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeStretch } from './time-stretch.ts';

const sampleRate = 22_050;

function tone(hz: number, seconds: number): Int16Array {
  return Int16Array.from({ length: Math.round(seconds * sampleRate) }, (_, i) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / sampleRate)),
  );
}

/** Cycles per second, from sign changes upwards. */
function pitch(pcm: Int16Array): number {
  let crossings = 0;
  for (let i = 1; i < pcm.length; i++) if ((pcm[i - 1] ?? 0) < 0 && (pcm[i] ?? 0) >= 0) crossings += 1;
  return crossings / (pcm.length / sampleRate);
}

for (const factor of [0.64, 0.8, 1.5, 1.83]) {
  test(`factor ${factor} changes the length and keeps pitch and loudness`, () => {
    const input = tone(200, 1);
    const output = timeStretch(input, sampleRate, factor);
    assert.equal(output.length, Math.round(input.length * factor));
    assert.ok(Math.abs(pitch(output) - 200) < 6, `pitch ${pitch(output)}`);
    const middle = output.subarray(2000, output.length - 2000);
    const rms = Math.sqrt(middle.reduce((sum, x) => sum + x * x, 0) / middle.length);
    assert.ok(Math.abs(rms / 7071 - 1) < 0.08, `rms ${rms}`);
  });
}

test('factor 1, and audio too short to have windows, stay as they are', () => {
  const input = tone(200, 1);
  assert.equal(timeStretch(input, sampleRate, 1), input);
  const short = tone(200, 0.01);
  assert.equal(timeStretch(short, sampleRate, 2), short);
});
