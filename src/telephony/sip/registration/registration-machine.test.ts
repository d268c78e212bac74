import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isBound,
  type RegistrationInput,
  type RegistrationState,
  retryLimits,
  startRegistration,
  stepRegistration,
} from './registration-machine.ts';

const granted: RegistrationInput = { type: 'granted', expiresS: 600 };
const tooBrief: RegistrationInput = { type: 'too-brief', minExpiresS: 7200 };
const refused: RegistrationInput = { type: 'refused', reason: '403 Forbidden', retryAfterS: 0 };
const unavailable: RegistrationInput = { type: 'unavailable', reason: 'no answer', retryAfterS: 0 };
const flowFailed: RegistrationInput = { type: 'flow-failed', reason: 'reset' };
const due: RegistrationInput = { type: 'try' };
const lapse: RegistrationInput = { type: 'lapse' };
const stop: RegistrationInput = { type: 'stop' };
const removed: RegistrationInput = { type: 'removed' };
const inputs = [granted, tooBrief, refused, unavailable, due, lapse, flowFailed, stop, removed];

/** Where the inputs lead from the start, and what is done at the last of them. */
function course(...given: readonly RegistrationInput[]): { state: RegistrationState; actions: string[] } {
  let step = startRegistration(3600);
  for (const input of given) step = stepRegistration(step.state, input);
  return { state: step.state, actions: step.actions.map(({ type }) => type) };
}

const ways: Record<RegistrationState['name'], readonly RegistrationInput[]> = {
  registering: [],
  registered: [granted],
  refreshing: [granted, due],
  holding: [granted, due, unavailable],
  waiting: [unavailable],
  unregistering: [granted, stop],
  ended: [granted, stop, removed],
};

/** `state input -> next: actions`; a pair that isn't listed changes nothing. */
const table = `
registering granted -> registered: stop-timers start-lapse wait-refresh
registering too-brief -> registering: send
registering refused -> waiting: stop-timers wait-retry
registering unavailable -> waiting: wait-retry
registering stop -> unregistering: stop-timers abandon send-removal
registered try -> refreshing: send
registered lapse -> registering: stop-timers send
registered flow-failed -> refreshing: send
registered stop -> unregistering: stop-timers abandon send-removal
refreshing granted -> registered: stop-timers start-lapse wait-refresh
refreshing too-brief -> refreshing: send
refreshing refused -> waiting: stop-timers wait-retry
refreshing unavailable -> holding: wait-retry
refreshing lapse -> registering:
refreshing stop -> unregistering: stop-timers abandon send-removal
holding try -> refreshing: send
holding lapse -> waiting:
holding flow-failed -> holding: wait-retry
holding stop -> unregistering: stop-timers abandon send-removal
waiting try -> registering: send
waiting stop -> ended: stop-timers abandon end
unregistering removed -> ended: stop-timers abandon end`;

test('registration: every state with every input', () => {
  const expected = new Map(
    table
      .trim()
      .split('\n')
      .map((line) => line.split(' -> ') as [string, string]),
  );
  for (const [name, way] of Object.entries(ways)) {
    assert.equal(course(...way).state.name, name);
    for (const input of inputs) {
      const pair = `${name} ${input.type}`;
      const { state, actions } = course(...way, input);
      assert.equal(`${state.name}: ${actions.join(' ')}`.trim(), expected.get(pair) ?? `${name}:`, pair);
      expected.delete(pair);
    }
  }
  assert.deepEqual([...expected.keys()], [], 'every line of the table was met');
});

test('registration: a binding is there from the grant to its lapse, or to a refusal', () => {
  const bound = Object.entries(ways).filter(([, way]) => isBound(course(...way).state));
  assert.deepEqual(
    bound.map(([name]) => name),
    ['registered', 'refreshing', 'holding'],
  );
});

function retries(input: RegistrationInput, count: number): number[] {
  let step = startRegistration(3600);
  const waits: number[] = [];
  for (let i = 0; i < count; i += 1) {
    step = stepRegistration(step.state, input);
    const wait = step.actions.find((action) => action.type === 'wait-retry');
    assert.ok(wait);
    waits.push(wait.nominalMs / 1000);
    step = stepRegistration(step.state, due);
  }
  return waits;
}

test('registration: waits double, up to 5 minutes for an absent registrar and to half an hour for one that says no', () => {
  assert.deepEqual(retries(unavailable, 7), [10, 20, 40, 80, 160, 300, 300]);
  assert.deepEqual(retries(refused, 6), [120, 240, 480, 960, 1800, 1800]);
});

test('registration: a grant ends the row of failures, and its reason', () => {
  const { state } = course(unavailable, due, unavailable, due, granted);
  assert.deepEqual([state.failures, state.reason], [0, null]);
  assert.equal(course(refused).state.reason, '403 Forbidden');
});

test('registration: Retry-After is waited for, within an hour', () => {
  for (const [asked, waited] of [
    [90, 90_000],
    [999_999, 3_600_000],
  ] as const) {
    const { state } = startRegistration(3600);
    const { actions } = stepRegistration(state, { ...unavailable, retryAfterS: asked });
    const action = actions[0];
    assert.equal(action?.type === 'wait-retry' && action.atLeastMs, waited);
  }
});

test('registration: a 423 is followed once, to a longer time of a day at most', () => {
  assert.equal(course(tooBrief).state.expiresS, 7200);
  assert.equal(course(tooBrief, tooBrief).state.name, 'waiting');
  assert.match(course(tooBrief, tooBrief).state.reason ?? '', /423/);
  const endless = { type: 'too-brief', minExpiresS: retryLimits.maxExpiresS + 1 } as const;
  assert.equal(course(endless).state.name, 'waiting');
});

test('registration: a flow that fails again and again before its refresh is made up for at once only the first time', () => {
  const once = [granted, flowFailed, granted];
  assert.equal(course(...once, flowFailed).state.name, 'holding');
  assert.equal(course(...once, due, granted, flowFailed).state.name, 'refreshing');
});
