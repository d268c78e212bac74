import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateTones } from '../audio/tones.ts';
import { MachineEar } from './machine-ear.ts';
import type { MachineFinding } from './machine-finding.ts';

/** An ear whose clock goes with what it hears. */
function setUp(): {
  ear: MachineEar;
  found: MachineFinding[];
  hear: (pcm: Int16Array, pieceSamples?: number) => void;
  wait: (ms: number) => void;
} {
  const found: MachineFinding[] = [];
  let nowMs = 1000;
  const ear = new MachineEar({ tell: (finding) => found.push(finding), now: () => nowMs });
  const hear = (pcm: Int16Array, pieceSamples = 160): void => {
    for (let from = 0; from < pcm.length; from += pieceSamples) {
      ear.hear(pcm.subarray(from, from + pieceSamples));
      nowMs += pieceSamples / 8;
    }
  };
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  return { ear, found, hear, wait };
}

/** Something like a voice: a buzz of many harmonics. */
function buzz(ms: number): Int16Array {
  return Int16Array.from({ length: ms * 8 }, (_, index) => {
    const phase = (2 * Math.PI * 130 * index) / 8000;
    return Math.round([1, 2, 3, 4, 5, 7, 9, 11].reduce((sum, harmonic) => sum + 700 * Math.sin(harmonic * phase), 0));
  });
}

const quiet = (ms: number): Int16Array => new Int16Array(ms * 8);

for (const pieceSamples of [80, 160, 240, 333]) {
  test(`ear: pieces of ${pieceSamples} samples are the same audio`, () => {
    const { ear, found, hear } = setUp();
    ear.answered();
    hear(quiet(600), pieceSamples);
    hear(buzz(480), pieceSamples);
    hear(quiet(1000), pieceSamples);
    const [finding] = found;
    assert.equal(found.length, 1);
    assert.ok(finding?.type === 'answerer');
    assert.equal(finding.result, 'person');
    assert.equal(finding.hasMailbox, false);
    assert.equal(finding.evidence.rule, 'short-speech');
    const speechMs = Number(finding.evidence.speechMs);
    assert.ok(speechMs >= 440 && speechMs <= 560, `${speechMs} ms`);
  });
}

test('ear: time without audio after the answer is silence', () => {
  const { ear, found, hear, wait } = setUp();
  ear.answered();
  wait(2400);
  hear(quiet(200));
  assert.deepEqual(
    found.map((finding) => finding.type === 'answerer' && [finding.result, finding.decidedAfterMs]),
    [['unsure', 2500]],
  );
});

test('ear: tones before the answer, and then who answers', () => {
  const { ear, found, hear } = setUp();
  const sit = [913.8, 1428.5, 1776.7].map((frequencyHz) => ({ frequencyHz, durationMs: 330, level: 0.2 }));
  hear(generateTones([...sit, { frequencyHz: null, durationMs: 300 }], 8000));
  assert.deepEqual(found, [{ type: 'early-tone', tone: 'reorder' }]);
  ear.answered();
  hear(quiet(2600));
  assert.equal(found.length, 2);
  assert.equal(ear.isDone, false);
});

test('ear: a beep after speech: a machine, its evidence, and that it records', () => {
  const { ear, found, hear } = setUp();
  ear.answered();
  hear(quiet(400));
  hear(buzz(900));
  hear(quiet(200));
  hear(
    generateTones(
      [
        { frequencyHz: 880, durationMs: 400, level: 0.2 },
        { frequencyHz: null, durationMs: 200 },
      ],
      8000,
    ),
  );
  assert.equal(found.length, 2);
  const [machine, records] = found;
  assert.ok(machine?.type === 'answerer' && records?.type === 'records');
  assert.deepEqual([machine.result, machine.hasMailbox, records.after], ['machine', true, 'beep']);
  assert.ok(Math.abs(Number(records.evidence.beepHz) - 880) <= 2);
  assert.equal(ear.isDone, true);
  hear(buzz(5000));
  assert.equal(found.length, 2);
});
