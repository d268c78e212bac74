import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Faults, faultsHeard, faultsHeardWithHoles } from './heard-signal.ts';
import { type StereoSignal, signalDurationS, spectrumSignal } from './spectrum-signal.ts';
import type { Samples } from './tone.ts';

const sampleRate = 8000;
const gapS = 0.25;
const purityDb = 30;

/** The signal as a telephone should hear it: mono, 8 kHz, without the part above 4 kHz, with silence around it. */
function heardWell(change: (mono: Float32Array) => Float32Array = (mono) => mono): Samples {
  const mono = change(mixed(spectrumSignal(sampleRate)));
  // At 8 kHz the 6 kHz part is its own image: what a resampler takes away.
  mono.fill(0, 2.49 * sampleRate, 2.91 * sampleRate);
  return recorded(mono);
}

function mixed({ left, right }: StereoSignal, shares = { left: 0.5, right: 0.5 }): Float32Array {
  return left.map((sample, index) => shares.left * sample + shares.right * (right[index] ?? 0));
}

function recorded(mono: Float32Array): Samples {
  const gap = Math.round(gapS * sampleRate);
  const pcm = new Int16Array(mono.length + 2 * gap);
  for (const [index, sample] of mono.entries()) pcm[gap + index] = Math.round(sample * 20_000);
  return { pcm, sampleRate };
}

test('what was played has no faults, with or without a hole', () => {
  assert.deepEqual(faultsHeard(heardWell(), purityDb), []);
  assert.deepEqual(faultsHeardWithHoles(heardWell(), purityDb), []);
  const withHoles = heardWell((mono) => {
    for (let first = 3000; first < mono.length; first += 16_000) mono.fill(0, first, first + 160);
    return mono;
  });
  assert.deepEqual(faultsHeardWithHoles(withHoles, purityDb), []);
});

const faults: readonly (readonly [what: string, make: () => Samples, said: RegExp])[] = [
  ['a rate that is wrong by half a percent', () => ({ ...heardWell(), sampleRate: 8040 }), /middle: only .* dB/],
  ['clipping', () => heardWell((mono) => mono.map((x) => Math.max(-0.2, Math.min(0.2, x)))), /low: only .* dB/],
  ['one channel alone', () => recorded(mixed(spectrumSignal(sampleRate), { left: 1, right: 0 })), /a tone on each/],
  ['no filter before the rate is lowered', () => recorded(everySixth(spectrumSignal(48_000))), /above 4 kHz is heard/],
  ['an end cut off', () => heardWell((mono) => mono.slice(0, -2000)), /4\.650 s are heard/],
  ['a packet left out', () => heardWell((mono) => without(mono, 12_000, 160)), /the sweep is off by \d+ Hz/],
  [
    'a louder part',
    () => heardWell((mono) => mono.map((x, i) => (i > 4000 && i < 7200 ? x * 1.3 : x))),
    /half as loud/,
  ],
  ['parts in another order', () => heardWell((mono) => mono.reverse()), /only .* dB/],
];
for (const [what, make, said] of faults) {
  test(`heard: ${what}`, () => assert.match(text(faultsHeard(make(), purityDb)), said));
}

const withHoles: readonly (readonly [what: string, make: () => Samples, said: RegExp])[] = [
  ['parts in another order', () => heardWell((mono) => mono.reverse()), /heard: the end, two at once/],
  ['a part missing', () => heardWell((mono) => mono.fill(0, 8000, 11_200)), /heard: low, half as loud, high/],
  ['an end cut off', () => heardWell((mono) => mono.slice(0, -2400)), /two at once$/],
  ['clipping', () => heardWell((mono) => mono.map((x) => Math.max(-0.2, Math.min(0.2, x)))), /low: only .* dB/],
];
for (const [what, make, said] of withHoles) {
  test(`heard with holes: ${what}`, () => assert.match(text(faultsHeardWithHoles(make(), purityDb)), said));
}

test('the signal is as long as it says', () => {
  assert.equal(spectrumSignal(sampleRate).left.length, Math.round(signalDurationS * sampleRate));
});

function text(said: Faults): string {
  return said.join('; ');
}

function without(mono: Float32Array, first: number, length: number): Float32Array {
  return Float32Array.from([...mono.subarray(0, first), ...mono.subarray(first + length)]);
}

function everySixth(signal: StereoSignal): Float32Array {
  const mono = mixed(signal);
  return Float32Array.from({ length: Math.floor(mono.length / 6) }, (_, index) => mono[index * 6] ?? 0);
}
