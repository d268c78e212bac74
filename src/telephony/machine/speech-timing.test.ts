import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpointOf } from './checkpoint.ts';
import { frameMs } from './frame-analyzer.ts';
import { initialTiming, pauseOf, type SpeechTiming, stepTiming } from './speech-timing.ts';

/** Stretches of silence and speech in turn, ms, silence first. */
function timingOf(...stretchesMs: readonly number[]): SpeechTiming {
  let timing = initialTiming;
  for (const [index, ms] of stretchesMs.entries()) {
    for (let passed = 0; passed < ms; passed += frameMs) timing = stepTiming(timing, index % 2 === 1);
  }
  return timing;
}

test('timing: one word after a while', () => {
  const timing = timingOf(500, 400, 300);
  const { firstMs, lastMs, words, runs, voicedMs, longestPauseMs } = timing;
  assert.deepEqual(
    { firstMs, lastMs, words, runs, voicedMs },
    { firstMs: 500, lastMs: 900, words: 1, runs: 1, voicedMs: 400 },
  );
  assert.equal(longestPauseMs, 0);
  assert.equal(pauseOf(timing), 300);
});

test('timing: nobody speaks, or only clicks', () => {
  assert.equal(timingOf(2000).firstMs, null);
  assert.equal(timingOf(500, 40, 500, 40, 500).firstMs, null);
});

test('timing: short pauses are inside a word, longer ones between words', () => {
  assert.equal(timingOf(0, 200, 80, 200, 300).words, 1);
  const two = timingOf(0, 200, 120, 200, 300);
  assert.deepEqual([two.words, two.longestPauseMs, two.runs], [2, 120, 1]);
});

test('timing: a pause of 600 ms begins a new run of the same greeting', () => {
  const timing = timingOf(100, 400, 700, 500, 0);
  assert.deepEqual([timing.runs, timing.runMs, timing.firstMs, timing.restarts], [2, 1200, 100, 0]);
  assert.equal(timing.voicedMs, 900);
});

test('timing: what comes after a long pause begins anew', () => {
  const timing = timingOf(100, 400, 1600, 500, 0);
  assert.deepEqual([timing.restarts, timing.firstMs, timing.runs, timing.voicedMs], [1, 2100, 1, 500]);
});

test('timing: a receiver that is picked up is no greeting before the greeting', () => {
  assert.equal(timingOf(100, 100, 2000, 500, 0).restarts, 0);
});

test('checkpoints: every 100 ms of speech from a second on, and at fixed pauses', () => {
  const found: (readonly [number, string])[] = [];
  let timing = initialTiming;
  for (let ms = 0; ms < 3600; ms += frameMs) {
    timing = stepTiming(timing, ms >= 200 && ms < 1500);
    const checkpoint = checkpointOf(timing);
    if (checkpoint !== null) found.push([timing.nowMs, checkpoint]);
  }
  assert.deepEqual(found, [
    [1200, 'speech'],
    [1300, 'speech'],
    [1400, 'speech'],
    [1500, 'speech'],
    [2000, 'pause'],
    [2200, 'pause'],
    [2400, 'pause'],
    [2700, 'pause'],
    [3100, 'pause'],
  ]);
});
