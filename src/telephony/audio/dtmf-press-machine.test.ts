import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PressFrame, type PressState, stepPress } from './dtmf-press-machine.ts';

/** Frames, one a letter: a key's capital is a clean frame, its small letter one that is not, `-` nothing, `~` nothing heard because it was lost, `^` the key in what was made up. */
const keys = 'AD';

function frameOf(letter: string): PressFrame {
  const key = letter === '^' ? 'A' : letter.toUpperCase();
  if (letter === '-' || letter === '~') return { key: null, level: 0, isClean: false, isConcealed: letter === '~' };
  assert.ok(keys.includes(key));
  return { key, level: 0.5, isClean: letter === key || letter === '^', isConcealed: letter === '^' };
}

function presses(frames: readonly PressFrame[]): string[] {
  let state: PressState = null;
  const ended: string[] = [];
  for (const frame of [...frames, ...Array.from('-'.repeat(30), frameOf)]) {
    const step = stepPress(state, frame);
    state = step.state;
    if (step.press !== null) ended.push(`${step.press.key} ${step.press.durationMs}`);
  }
  assert.equal(state, null);
  return ended;
}

const table: readonly (readonly [name: string, frames: string, presses: readonly string[]])[] = [
  ['a key', 'AAAAAAAAAA', ['A 50']],
  ['25 ms are too short', 'AAAAA', []],
  ['30 ms are not', 'AAAAAA', ['A 30']],
  ['edges that are not clean count', 'aaAAAAaa', ['A 40']],
  ['but half must be clean', 'aaAAAaaaaa', []],
  ['three of them in a row', 'AAaAAaAAaAAa', []],
  ['another key after 20 ms', 'AAAAAAAA----DDDDDDDD', ['A 40', 'D 40']],
  ['a pause of 20 ms separates', 'AAAAAAAA----AAAAAAAA', ['A 40', 'A 40']],
  ['a gap of 15 ms does not', 'AAAAAAAA---AAAAAAAA', ['A 80']],
  ['nor does a lost packet', 'AAAAAAAA~~~~~~~AAAAAAAA', ['A 80']],
  ['nor two halves of a short key with a lost packet between them', 'AAA~~~~~~~AAA', ['A 30']],
  ['a pause with a lost packet in it', 'AAAAAAAA--~~~--AAAAAAAA', ['A 40', 'A 40']],
  ['120 ms of nothing end it, lost or not', `AAAAAAAA${'~'.repeat(24)}AAAAAAAA`, ['A 40', 'A 40']],
  ['what was made up proves nothing', 'A^^^^^^^^^', []],
  ['but does not hurt', 'AA^^^^AA', ['A 40']],
  ['a wrong frame within', 'AAAAADAAAAA', ['A 50']],
  ['only wrong frames', 'aaaaaaaaaaaa', []],
  ['a long key', 'A'.repeat(200), ['A 1000']],
];

describe('what is a press of a key', () => {
  for (const [name, frames, expected] of table) {
    it(name, () => assert.deepEqual(presses(Array.from(frames, frameOf)), expected));
  }

  it('is as long as it has half its level: 23 ms reach into seven frames and are no key', () => {
    const levels = [0.05, 0.25, 0.55, 0.85, 1, 0.95, 0.7, 0.35, 0.1].map((level) => level * 0.5);
    assert.deepEqual(presses(levels.map((level) => ({ key: 'A', level, isClean: true, isConcealed: false }))), []);
  });

  it('does not mind the same two tones, louder and unclean, before it', () => {
    const echo = Array.from({ length: 10 }, () => ({ key: 'A', level: 0.9, isClean: false, isConcealed: false }));
    assert.deepEqual(presses([...echo, ...Array.from('AAAAAAAA', frameOf)]), ['A 50']);
  });
});
