import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beepLimitMs,
  feedbackValueOf,
  maxDigits,
  mostListenMs,
  type ScriptAction,
  type ScriptInput,
  type ScriptPlan,
  type ScriptState,
  type ScriptTimer,
  startScript,
  stepScript,
} from './script.ts';

const plan: ScriptPlan = {
  delayPlayMs: 2000,
  loopCount: 3,
  delayHangupMs: 1500,
  maxCallMs: 40_000,
  onMachine: 'ignore',
};
const answered: ScriptInput = { type: 'answered' };
const played: ScriptInput = { type: 'play-ended' };
const ended: ScriptInput = { type: 'ended' };
const digit = (value: string): ScriptInput => ({ type: 'digit', digit: value });
const timer = (name: ScriptTimer): ScriptInput => ({ type: 'timer', timer: name });

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

const listening: ScriptPlan = { ...plan, delayPlayMs: 0, delayHangupMs: 0, onMachine: 'leave-message' };
const isA = (result: 'person' | 'machine' | 'unsure', hasMailbox = true): ScriptInput => ({
  type: 'answerer',
  result,
  hasMailbox,
});
const records = (after: 'beep' | 'silence'): ScriptInput => ({ type: 'machine-records', after });
const listen: ScriptAction = { type: 'set-timer', timer: 'listen', afterMs: mostListenMs };
const beepLimit: ScriptAction = { type: 'set-timer', timer: 'beep-limit', afterMs: beepLimitMs };
const playing: ScriptAction[] = [{ type: 'play', loopCount: 3 }];

for (const [name, input] of [
  ['a person is heard', isA('person')],
  ['it is not known who answered', isA('unsure')],
  ['time has passed', timer('listen')],
] as const) {
  test(`script, detection: the prompt plays when ${name}`, () => {
    const { state, actions } = run(listening, [answered, input, played, ended]);
    assert.deepEqual(actions, [[maxCall, listen], playing, hangUp, [{ type: 'cancel-timers' }]]);
    assert.deepEqual([state.answerer, state.machineDone], ['person', null]);
  });
}

test('script, detection: the delay before the prompt runs while it is listened', () => {
  const delay: ScriptAction = { type: 'set-timer', timer: 'delay-play', afterMs: 2000 };
  const delayed = { ...listening, delayPlayMs: 2000 };
  const early = run(delayed, [answered, isA('person'), timer('delay-play')]);
  assert.deepEqual(early.actions, [[maxCall, delay, listen], [], playing]);
  const late = run(delayed, [answered, timer('delay-play'), isA('person')]);
  assert.deepEqual(late.actions, [[maxCall, delay, listen], [], playing]);
});

/** The ways to each state in which a machine may be recognized, and what is stopped there. */
const recognizedIn: readonly (readonly [state: string, inputs: readonly ScriptInput[], stops: ScriptAction[]])[] = [
  ['listening', [answered], []],
  ['delaying', [answered, isA('unsure')], []],
  ['playing', [answered, isA('person'), timer('delay-play')], [{ type: 'stop-play' }]],
  ['lingering', [answered, isA('unsure'), timer('delay-play'), played], []],
];
const everyDelay: ScriptPlan = { ...plan, onMachine: 'hang-up' };
for (const [name, inputs, stops] of recognizedIn) {
  test(`script, detection: a machine is hung up on while ${name}`, () => {
    assert.equal(run(everyDelay, inputs).state.name, name);
    const { state, actions } = run(everyDelay, [...inputs, isA('machine')]);
    assert.deepEqual(actions.at(-1), hangUp);
    assert.deepEqual([state.answerer, state.machineDone], ['machine', 'hung up']);
  });

  test(`script, detection: a machine recognized while ${name} gets the message from its beginning`, () => {
    const leaving: ScriptPlan = { ...everyDelay, onMachine: 'leave-message' };
    const { state, actions } = run(leaving, [...inputs, isA('machine'), records('beep')]);
    assert.deepEqual(actions.slice(-2), [[...stops, beepLimit], playing]);
    assert.deepEqual([state.name, state.answerer, state.machineDone], ['playing', 'machine', 'message after beep']);
  });
}

test('script, detection: a machine without a mailbox gets no message', () => {
  const { state, actions } = run(listening, [answered, isA('machine', false)]);
  assert.deepEqual(actions.at(-1), hangUp);
  assert.equal(state.machineDone, 'hung up');
});

test('script, detection: the message begins after silence, or after a while without either', () => {
  const silent = run(listening, [answered, isA('machine'), records('silence')]);
  assert.deepEqual([silent.actions.at(-1), silent.state.machineDone], [playing, 'message after silence']);
  const endless = run(listening, [answered, isA('machine'), timer('beep-limit')]);
  assert.deepEqual([endless.actions.at(-1), endless.state.machineDone], [playing, 'message after time limit']);
});

test('script, detection: the end of the stopped prompt is not the end of the message', () => {
  const lateEcho = [answered, isA('person'), isA('machine'), records('beep'), played];
  const { state } = run(listening, lateEcho);
  assert.equal(state.name, 'playing');
  assert.equal(run(listening, [...lateEcho, played]).state.name, 'hanging-up');
});

test('script, detection: the call is as long as it may be, beep or not', () => {
  const { actions, state } = run(listening, [answered, isA('machine'), timer('max-call')]);
  assert.deepEqual(actions.at(-1), hangUp);
  assert.deepEqual([state.answerer, state.machineDone], ['machine', null]);
});

const nothingMore: readonly (readonly [string, readonly ScriptInput[]])[] = [
  ['who answers before the answer', [isA('machine')]],
  ['a person in the place of a machine', [answered, isA('machine'), isA('person')]],
  ['a machine twice', [answered, isA('machine'), isA('machine')]],
  ['a machine that gets the message', [answered, isA('machine'), records('beep'), isA('machine')]],
  ['a beep while the prompt plays', [answered, isA('person'), records('beep')]],
  ['a second beep', [answered, isA('machine'), records('beep'), records('silence')]],
  ['a late listen', [answered, isA('person'), timer('listen')]],
  ['a late beep-limit', [answered, isA('machine'), records('beep'), timer('beep-limit')]],
  ['a machine after the hang-up', [answered, timer('max-call'), isA('machine')]],
];
for (const [name, inputs] of nothingMore) {
  test(`script, detection: ${name} changes nothing`, () => {
    const before = run(listening, inputs.slice(0, -1));
    const after = run(listening, inputs);
    assert.deepEqual(after.state, before.state);
    assert.deepEqual(after.actions.at(-1), []);
  });
}
