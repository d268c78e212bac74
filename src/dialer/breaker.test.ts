import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allowsCall,
  type BreakerInput,
  type BreakerState,
  breakerLimits,
  closedBreaker,
  isSuspect,
  stepBreaker,
} from './breaker.ts';

const good: BreakerInput = { type: 'good' };
const bad: BreakerInput = { type: 'bad', reason: 'SIP 503' };
const trial: BreakerInput = { type: 'trial' };
const tick: BreakerInput = { type: 'tick' };
const neutral: BreakerInput = { type: 'neutral' };
const answered: BreakerInput = { type: 'probe-result', isAnswered: true };
const silent: BreakerInput = { type: 'probe-result', isAnswered: false };
/** Lets time pass. */
type Moment = BreakerInput | number;

function run(
  moments: readonly Moment[],
  from: BreakerState = closedBreaker,
): { state: BreakerState; probes: number; now: number } {
  let state = from;
  let now = 0;
  let probes = 0;
  for (const moment of moments) {
    if (typeof moment === 'number') {
      now += moment;
      continue;
    }
    const step = stepBreaker(state, moment, now);
    state = step.state;
    probes += step.actions.length;
  }
  return { state, probes, now };
}

const five = [bad, bad, bad, bad, bad];
const coolDown = breakerLimits.firstCoolDownMs;
const open: readonly Moment[] = five;
const probing: readonly Moment[] = [...open, coolDown, tick];
const halfOpen: readonly Moment[] = [...probing, answered];

type Row = readonly [name: string, moments: readonly Moment[], state: BreakerState['name'], allows: boolean];
const rows: readonly Row[] = [
  ['nothing happened', [], 'closed', true],
  ['four failures in a row', [bad, bad, bad, bad], 'closed', true],
  ['five failures in a row', five, 'open', false],
  ['five failures with a good call between', [bad, bad, bad, bad, good, bad], 'closed', true],
  ['one failure, and a trunk that used to answer OPTIONS is silent', [bad, answered, good, bad, silent], 'open', false],
  ['one failure, and a trunk that never answered OPTIONS is silent', [bad, silent], 'closed', true],
  ['one failure, and OPTIONS is answered', [bad, answered], 'closed', true],
  ['silent OPTIONS after the trunk proved good', [bad, answered, good, silent], 'closed', true],
  ['open, too early', [...open, coolDown - 1, tick], 'open', false],
  ['open, cooled down', probing, 'probing', false],
  ['open, a late failure', [...open, bad], 'open', false],
  ['open, a call under way rings', [...open, good], 'closed', true],
  ['probing, a late failure', [...probing, bad], 'probing', false],
  ['probing, answered', halfOpen, 'half-open', true],
  ['probing, silent, never answered one before', [...probing, silent], 'half-open', true],
  ['probing, silent, known to answer', [bad, answered, ...probing, silent], 'open', false],
  ['half-open, one call under way', [...halfOpen, trial], 'half-open', false],
  ['half-open, the call was good', [...halfOpen, trial, good], 'closed', true],
  ['half-open, the call was bad', [...halfOpen, trial, bad], 'open', false],
  ['half-open, the call said nothing', [...halfOpen, trial, neutral], 'half-open', true],
  ['closed, a call that says nothing', [bad, bad, bad, bad, neutral], 'closed', true],
];
for (const [name, moments, expected, allows] of rows) {
  test(`breaker: ${name}`, () => {
    const { state } = run(moments);
    assert.equal(state.name, expected);
    assert.equal(allowsCall(state), allows);
  });
}

test('breaker: the cool-down doubles with each failed try up to its limit, and starts anew after a good call', () => {
  let { state, now } = run(open);
  const waits: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    waits.push(state.until - now);
    now = state.until;
    for (const input of [tick, answered, trial, bad]) state = stepBreaker(state, input, now).state;
  }
  assert.deepEqual(waits, [5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  assert.equal(run([good, ...five], state).state.coolDownMs, coolDown);
});

test('breaker: one probe for the first failure, one for each cool-down', () => {
  assert.equal(run([bad, bad, bad]).probes, 1);
  assert.equal(run(open).probes, 1);
  assert.equal(run(probing).probes, 2);
  assert.equal(run([...probing, tick, tick]).probes, 2);
});

test('breaker: a failing trunk is suspect until a probe vouches for it or its time is over', () => {
  const suspect = (moments: readonly Moment[]): boolean => {
    const { state, now } = run(moments);
    return isSuspect(state, now);
  };
  assert.equal(suspect([]), false);
  assert.equal(suspect([bad]), true);
  assert.equal(suspect([bad, answered]), false);
  assert.equal(suspect([bad, silent]), true);
  assert.equal(suspect([bad, breakerLimits.suspectMs]), false);
  assert.equal(suspect([bad, good]), false);
  assert.equal(suspect(open), true);
  assert.equal(suspect(halfOpen), true);
});

test('breaker: the reason is the last failure and goes with a good call', () => {
  assert.equal(run([bad, { type: 'bad', reason: 'no response' }]).state.reason, 'no response');
  assert.equal(run([...open, { type: 'bad', reason: 'late' }]).state.reason, 'late');
  assert.equal(run([bad, good]).state.reason, null);
});
