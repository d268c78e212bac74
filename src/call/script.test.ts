import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  feedbackValueOf,
  maxDigits,
  type ScriptAction,
  type ScriptInput,
  type ScriptPlan,
  type ScriptState,
  startScript,
  stepScript,
} from './script.ts';

const plan: ScriptPlan = { delayPlayMs: 2000, loopCount: 3, delayHangupMs: 1500, maxCallMs: 40_000 };
const answered: ScriptInput = { type: 'answered' };
const played: ScriptInput = { type: 'play-ended' };
const ended: ScriptInput = { type: 'ended' };
const digit = (value: string): ScriptInput => ({ type: 'digit', digit: value });
const timer = (name: 'delay-play' | 'delay-hangup' | 'max-call'): ScriptInput => ({ type: 'timer', timer: name });

function run(from: ScriptPlan, inputs: readonly ScriptInput[]): { state: ScriptState; actions: ScriptAction[][] } {
  let state = startScript(from);
  const actions: ScriptAction[][] = [];
  for (const input of inputs) {
    const step = stepScript(state, input);
    state = step.state;
    actions.push([...step.actions]);
  }
  return { state, actions };
}

const maxCall: ScriptAction = { type: 'set-timer', timer: 'max-call', afterMs: 40_000 };
const hangUp: ScriptAction[] = [{ type: 'cancel-timers' }, { type: 'hang-up' }];

test('script: delay, loops, delay, hang-up', () => {
  const { state, actions } = run(plan, [answered, timer('delay-play'), played, timer('delay-hangup'), ended]);
  assert.deepEqual(actions, [
    [maxCall, { type: 'set-timer', timer: 'delay-play', afterMs: 2000 }],
    [{ type: 'play', loopCount: 3 }],
    [{ type: 'set-timer', timer: 'delay-hangup', afterMs: 1500 }],
    hangUp,
    [{ type: 'cancel-timers' }],
  ]);
  assert.equal(state.name, 'over');
});

test('script: without delays it plays at the answer and hangs up after the last word', () => {
  const { actions } = run({ ...plan, delayPlayMs: 0, delayHangupMs: 0 }, [answered, played]);
  assert.deepEqual(actions, [[maxCall, { type: 'play', loopCount: 3 }], hangUp]);
});

const beforeMaxCall: readonly [string, readonly ScriptInput[]][] = [
  ['delaying', [answered]],
  ['playing', [answered, timer('delay-play')]],
  ['lingering', [answered, timer('delay-play'), played]],
];
for (const [name, inputs] of beforeMaxCall) {
  test(`script: the longest duration hangs up while ${name}`, () => {
    assert.equal(run(plan, inputs).state.name, name);
    const { state, actions } = run(plan, [...inputs, timer('max-call')]);
    assert.equal(state.name, 'hanging-up');
    assert.deepEqual(actions.at(-1), hangUp);
  });
  test(`script: the far side may hang up while ${name}`, () => {
    const { state, actions } = run(plan, [...inputs, ended]);
    assert.equal(state.name, 'over');
    assert.deepEqual(actions.at(-1), [{ type: 'cancel-timers' }]);
  });
}

test('script: keys do not stop the prompt, the first is the feedback value, all are kept', () => {
  const { state, actions } = run(plan, [
    answered,
    digit('5'),
    timer('delay-play'),
    digit('1'),
    digit('#'),
    played,
    digit('9'),
  ]);
  assert.equal(state.digits, '51#9');
  assert.equal(feedbackValueOf(state), '5');
  assert.deepEqual([actions[1], actions[3], actions[4], actions[6]], [[], [], [], []]);
  assert.equal(state.name, 'lingering');
});

test('script: no key, no feedback', () => {
  assert.equal(feedbackValueOf(run(plan, [answered, ended]).state), null);
});

test('script: keys are bounded, and only keys', () => {
  const many = Array.from({ length: 100 }, () => digit('7'));
  assert.equal(run(plan, [answered, ...many]).state.digits.length, maxDigits);
  assert.equal(run(plan, [answered, digit('x'), digit('12'), digit('')]).state.digits, '');
});

const nothing: readonly [string, readonly ScriptInput[]][] = [
  ['a key before the answer', [digit('1')]],
  ['the end of a play before the answer', [played]],
  ['the longest duration before the answer', [timer('max-call')]],
  ['a second answer', [answered, answered]],
  ['a late delay-play', [answered, timer('delay-play'), timer('delay-play')]],
  ['a delay-hangup while playing', [answered, timer('delay-play'), timer('delay-hangup')]],
  ['the longest duration while hanging up', [answered, timer('max-call'), timer('max-call')]],
  ['the echo of the stopped play', [answered, timer('max-call'), played]],
  ['a key after the end', [answered, ended, digit('1')]],
  ['an answer after the end', [ended, answered]],
  ['a second end', [ended, ended]],
];
for (const [name, inputs] of nothing) {
  test(`script: ${name} changes nothing`, () => {
    const before = run(plan, inputs.slice(0, -1));
    const after = run(plan, inputs);
    assert.deepEqual(after.state, before.state);
    assert.deepEqual(after.actions.at(-1), []);
  });
}

test('script: keys that arrive while hanging up count', () => {
  assert.equal(run(plan, [answered, timer('max-call'), digit('3')]).state.digits, '3');
});
