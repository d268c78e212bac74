import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateTones, type Tone } from '../audio/tones.ts';
import { FrameAnalyzer, frameSamples } from './frame-analyzer.ts';
import { initialToneSignals, stepToneSignals, type ToneSignal } from './tone-signals.ts';

const tone = (frequencyHz: number, durationMs: number, level = 0.2): Tone => ({ frequencyHz, durationMs, level });
const pause = (durationMs: number): Tone => ({ frequencyHz: null, durationMs });

function signalsOf(pcm: Int16Array): ToneSignal[] {
  const analyzer = new FrameAnalyzer();
  const found: ToneSignal[] = [];
  let state = initialToneSignals;
  for (let from = 0; from + frameSamples <= pcm.length; from += frameSamples) {
    const facts = analyzer.analyze(pcm.subarray(from, from + frameSamples));
    const step = stepToneSignals(state, facts.tone, (from + frameSamples) / 8);
    state = step.state;
    if (step.signal !== null) found.push(step.signal);
  }
  return found;
}

const heard = (tones: readonly Tone[]): ToneSignal[] => signalsOf(generateTones([...tones, pause(300)], 8000));

/** Two tones at the same time. */
function chord(lowHz: number, highHz: number, durationMs: number): Int16Array {
  const [low, high] = [lowHz, highHz].map((hz) => generateTones([tone(hz, durationMs, 0.15)], 8000));
  return (low ?? new Int16Array(0)).map((sample, index) => sample + (high?.[index] ?? 0));
}

function join(...parts: Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

for (const hz of [400, 440, 880, 1000, 1400, 2000]) {
  for (const ms of [100, 300, 1000, 2000]) {
    test(`tones: ${ms} ms of ${hz} Hz are a beep`, () => {
      const [beep, ...others] = heard([pause(500), tone(hz, ms)]);
      assert.deepEqual(others, []);
      assert.ok(beep?.type === 'beep', JSON.stringify(beep));
      assert.ok(Math.abs(beep.hz - hz) <= 3, `${beep.hz} Hz`);
      assert.ok(Math.abs(beep.durationMs - ms) <= 40, `${beep.durationMs} ms`);
    });
  }
}

const noBeeps: readonly (readonly [string, readonly Tone[]])[] = [
  ['a click of 40 ms', [tone(1000, 40)]],
  ['a tone that does not end for three seconds', [tone(425, 3000)]],
  ['hum of the mains', [tone(100, 500)]],
  ['a whisper of a tone', [tone(1000, 500, 0.002)]],
  ['silence', [pause(1000)]],
];
for (const [name, tones] of noBeeps) {
  test(`tones: ${name} says nothing`, () => assert.deepEqual(heard([pause(200), ...tones]), []));
}

test('tones: two tones at once, as a key has them, are no beep', () => {
  assert.deepEqual(signalsOf(join(chord(770, 1336, 300), new Int16Array(1600))), []);
});

/** The frequencies of the three tones and what they mean; the lengths are Telcordia's, and ITU-T E.180's for the last. */
const sits: readonly (readonly [kind: string, first: Tone, second: Tone, third: Tone])[] = [
  ['intercept', tone(913.8, 274), tone(1370.6, 274), tone(1776.7, 380)],
  ['vacant', tone(985.2, 380), tone(1370.6, 274), tone(1776.7, 380)],
  ['reorder', tone(913.8, 274), tone(1428.5, 380), tone(1776.7, 380)],
  ['no-circuit', tone(985.2, 380), tone(1428.5, 380), tone(1776.7, 380)],
  ['general', tone(950, 330), tone(1400, 330), tone(1800, 330)],
];
for (const [kind, ...tones] of sits) {
  test(`tones: special information tones of the kind ${kind}`, () => {
    const signals = heard([pause(400), ...tones]);
    assert.deepEqual(
      signals.filter(({ type }) => type === 'sit'),
      [{ type: 'sit', kind }],
    );
    assert.deepEqual(signals.at(-1), { type: 'sit', kind });
  });
}

test('tones: a tune of three tones that rise is no special information', () => {
  const types = heard([tone(880, 300), tone(1320, 300), tone(1760, 300)]).map(({ type }) => type);
  assert.ok(!types.includes('sit'), types.join());
});

const cadences: readonly (readonly [type: string, onMs: number, offMs: number])[] = [
  ['busy', 500, 500],
  ['busy', 375, 375],
  ['congestion', 250, 250],
];
for (const [type, onMs, offMs] of cadences) {
  test(`tones: ${onMs} ms on and ${offMs} ms off is ${type}, of one tone and of two`, () => {
    const times = [0, 1, 2, 3];
    const single = heard(times.flatMap(() => [tone(425, onMs), pause(offMs)]));
    assert.ok(
      single.some((signal) => signal.type === type),
      JSON.stringify(single),
    );
    const off = new Int16Array(offMs * 8);
    const double = signalsOf(join(...times.flatMap(() => [chord(480, 620, onMs), off])));
    assert.ok(
      double.some((signal) => signal.type === type),
      JSON.stringify(double),
    );
  });
}

test('tones: ringback is neither busy nor congestion', () => {
  const ring = join(chord(440, 480, 2000), new Int16Array(32_000));
  assert.deepEqual(signalsOf(join(ring, ring, ring)), []);
  const european = heard([1, 2, 3].flatMap(() => [tone(425, 1000), pause(4000)])).map(({ type }) => type);
  assert.deepEqual(new Set(european), new Set(['beep']));
});

test('tones: a fax machine, which answers or calls', () => {
  assert.deepEqual(heard([pause(300), tone(2100, 2600)]), [{ type: 'fax' }]);
  const calling = heard([tone(1100, 500), pause(3000), tone(1100, 500)]);
  assert.deepEqual(calling.at(-1), { type: 'fax' });
});

test('tones: a beep in noise, 10 dB above it', () => {
  const pcm = generateTones([pause(500), tone(1000, 400, 0.2), pause(500)], 8000);
  let seed = 1;
  const noisy = pcm.map((sample) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return sample + Math.round((seed / 0x7fffffff - 0.5) * 3000);
  });
  assert.deepEqual(
    signalsOf(noisy).map(({ type }) => type),
    ['beep'],
  );
});
