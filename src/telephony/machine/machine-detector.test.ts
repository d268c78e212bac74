import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FrameTone, frameMs } from './frame-analyzer.ts';
import {
  type DetectorFinding,
  type DetectorState,
  initialDetector,
  mostWaitMs,
  stepDetector,
} from './machine-detector.ts';

/** A stretch of what is heard. */
type Stretch = { readonly ms: number; readonly speech?: true; readonly hz?: number };

const silence = (ms: number): Stretch => ({ ms });
const speech = (ms: number): Stretch => ({ ms, speech: true });
const beep = (hz = 1000, ms = 300): Stretch => ({ ms, hz });

/** Runs the detector over stretches, from the answer on unless `isEarly`. What was found, in short, with its time in ms. */
function run(stretches: readonly Stretch[], isEarly = false): { found: string[]; state: DetectorState } {
  let state = isEarly ? initialDetector : stepDetector(initialDetector, { type: 'answered', sinceMs: 0 }).state;
  const found: string[] = [];
  let nowMs = 0;
  for (const { ms, speech: isSpeech = false, hz } of stretches) {
    const tone: FrameTone | null = hz === undefined ? null : { hz, secondHz: null };
    for (let passed = 0; passed < ms; passed += frameMs) {
      const step = stepDetector(state, { type: 'frame', isSpeech, tone });
      state = step.state;
      nowMs += frameMs;
      for (const finding of step.findings) found.push(`${nowMs} ${wordsOf(finding)}`);
    }
  }
  return { found, state };
}

function wordsOf(finding: DetectorFinding): string {
  switch (finding.type) {
    case 'answerer':
      return `${finding.result} by ${finding.rule}`;
    case 'records':
      return `records after ${finding.signal?.type ?? 'silence'}`;
    case 'early-tone':
      return `early ${finding.signal.type}`;
  }
}

const sit = [beep(985.2, 380), beep(1370.6, 280), beep(1776.7, 380)];

test('detector: a short hello and a pause is a person, half a second later', () => {
  assert.deepEqual(run([silence(600), speech(400), silence(1000)]).found, ['1500 person by short-speech']);
});

test('detector: nobody speaks, and the prompt plays all the same', () => {
  assert.deepEqual(run([silence(5000)]).found, [`${mostWaitMs} unsure by no-speech-in-time`]);
});

test('detector: who is still speaking then may be a person', () => {
  const [first] = run([silence(600), speech(2500)]).found;
  assert.equal(first, `${mostWaitMs} unsure by no-decision-in-time`);
});

/** Sentences of 1.8 s with pauses of 0.4 s. */
const sentences = (count: number): Stretch[] =>
  Array.from({ length: count }, () => [speech(1800), silence(400)]).flat();

test('detector: who goes on and on is a machine, which records after its beep', () => {
  const { found, state } = run([silence(500), ...sentences(5), beep(), silence(2000)]);
  assert.deepEqual(found.length, 3, found.join('; '));
  assert.match(found[0] ?? '', /unsure/);
  assert.match(found[1] ?? '', /machine by long-speech/);
  assert.match(found[2] ?? '', /records after beep/);
  assert.equal(state.name, 'done');
});

test('detector: a machine that does not beep records when it is silent', () => {
  const { found } = run([silence(500), ...sentences(5), silence(4000)]);
  assert.match(found.at(-1) ?? '', /^14100 records after silence/);
});

test('detector: a person who says more than one hello stays one', () => {
  const { found } = run([
    silence(600),
    speech(400),
    silence(1200),
    speech(500),
    silence(2000),
    speech(1500),
    silence(20_000),
  ]);
  assert.deepEqual(found, ['1500 person by short-speech']);
});

test('detector: a beep after somebody spoke is a machine, and it records', () => {
  const { found } = run([silence(400), speech(1500), silence(400), beep(), silence(500)]);
  assert.deepEqual(
    found.slice(-2).map((words) => words.replace(/^\d+ /, '')),
    ['machine by beep', 'records after beep'],
  );
});

test('detector: a beep before anybody spoke says nothing', () => {
  assert.deepEqual(run([beep(), silence(500), speech(400), silence(600)]).found, ['1700 person by short-speech']);
});

test('detector: special information tones are a machine at once, and nothing is waited for', () => {
  const { found, state } = run([silence(200), ...sit, silence(100), speech(3000), silence(5000)]);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /machine by tones/);
  assert.equal(state.name, 'done');
});

test('detector: before the answer only tones of the network are told', () => {
  const { found, state } = run([speech(2000), beep(), silence(500), ...sit, silence(100), speech(3000)], true);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /early sit/);
  assert.equal(state.name, 'early');
  assert.equal(state.timing.nowMs, 0);
});

test('detector: it listens no longer than 20 s for a person who turns out to be none', () => {
  assert.equal(run([speech(400), silence(19_000)]).state.name, 'presumed');
  const { state } = run([speech(400), silence(20_000)]);
  assert.equal(state.name, 'done');
  assert.equal(stepDetector(state, { type: 'frame', isSpeech: true, tone: null }).state, state);
});

test('detector: an endless announcement is given up after a minute', () => {
  const { found, state } = run(sentences(28));
  assert.equal(state.name, 'done');
  assert.ok(!found.some((words) => words.includes('records')));
});

test('detector: silence before the first packet counts', () => {
  const { state } = stepDetector(initialDetector, { type: 'answered', sinceMs: mostWaitMs });
  const { findings } = stepDetector(state, { type: 'frame', isSpeech: false, tone: null });
  assert.deepEqual(findings.map(wordsOf), ['unsure by no-speech-in-time']);
  assert.deepEqual(stepDetector(state, { type: 'answered', sinceMs: 0 }), { state, findings: [] });
});
