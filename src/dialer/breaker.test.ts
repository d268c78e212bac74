import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BreakerInput,
  type BreakerSettings,
  type BreakerState,
  breakerLimits,
  callsAllowed,
  closedBreaker,
  isSuspect,
  stepBreaker,
} from './breaker.ts';

const settings: BreakerSettings = { failures: 5, failurePercent: 50 };
/** Ends of calls that went out at the same moment, which is what most tests need. */
type CallEnd = 'good' | 'bad' | 'silent' | 'refused' | 'neutral';
const answered: BreakerInput = { type: 'probe-result', isAnswered: true };
const silent: BreakerInput = { type: 'probe-result', isAnswered: false };
const trial: BreakerInput = { type: 'trial' };
const tick: BreakerInput = { type: 'tick' };
/** What happens, or how much time passes, ms. */
type Moment = BreakerInput | CallEnd | number;

function inputOf(moment: BreakerInput | CallEnd, beganAt: number): BreakerInput {
  switch (moment) {
    case 'good':
    case 'neutral':
      return { type: moment, beganAt };
    case 'bad':
      return { type: 'bad', beganAt, reason: 'SIP 503', isSilent: false, retryAfterS: null };
    case 'refused':
      return { type: 'refused', beganAt, reason: 'SIP 403' };
    case 'silent':
      return { type: 'bad', beganAt, reason: 'no response', isSilent: true, retryAfterS: null };
    default:
      return moment;
  }
}

type Course = { readonly state: BreakerState; readonly probes: number; readonly now: number };

function run(moments: readonly Moment[], from: BreakerState = closedBreaker, wanted = settings): Course {
  let state = from;
  let now = 0;
  let probes = 0;
  for (const moment of moments) {
    if (typeof moment === 'number') {
      now += moment;
      continue;
    }
    const step = stepBreaker(state, inputOf(moment, now), { now, settings: wanted });
    state = step.state;
    probes += step.actions.length;
  }
  return { state, probes, now };
}

const busy = (retryAfterS: number): BreakerInput => ({
  type: 'bad',
  beganAt: 0,
  reason: 'SIP 503',
  isSilent: false,
  retryAfterS,
});
const times = (count: number, ...moments: Moment[]): Moment[] => Array.from({ length: count }, () => moments).flat();
const five = times(5, 'bad');
const coolDown = breakerLimits.firstCoolDownMs;
const open: readonly Moment[] = five;
const probing: readonly Moment[] = [...open, coolDown, tick];
const halfOpen: readonly Moment[] = [...probing, answered];
const tried = (end: CallEnd): Moment[] => [trial, end];
/** Twenty calls, the last ten of which are bad, and never five in a row. */
const half: readonly Moment[] = times(10, 'good', 'bad');

type Row = readonly [name: string, moments: readonly Moment[], state: BreakerState['name'], allowed: number];
const any = Number.POSITIVE_INFINITY;
const rows: readonly Row[] = [
  ['nothing happened', [], 'closed', any],
  ['four failures in a row', times(4, 'bad'), 'closed', any],
  ['five failures in a row', five, 'open', 0],
  ['five failures with a good call between', [...times(4, 'bad'), 'good', 'bad'], 'closed', any],
  ['two calls in a row without an answer', ['silent', 'silent'], 'closed', any],
  ['three calls in a row without an answer', times(3, 'silent'), 'open', 0],
  ['three, but OPTIONS was answered', ['silent', answered, 'silent', 'silent'], 'closed', any],
  ['three, but one was refused between', ['silent', 'silent', 'bad', 'silent'], 'closed', any],
  [
    'one failure, and a trunk that used to answer OPTIONS is silent',
    ['bad', answered, 'good', 'bad', silent],
    'open',
    0,
  ],
  ['one failure, and a trunk that never answered OPTIONS is silent', ['bad', silent], 'closed', any],
  ['one failure, and OPTIONS is answered', ['bad', answered], 'closed', any],
  ['one silent OPTIONS after the trunk proved good', ['bad', answered, 'good', silent], 'closed', any],
  ['two silent OPTIONS after it answered one', [answered, silent, silent], 'open', 0],
  ['two silent OPTIONS with a good call between', [answered, silent, 'good', silent], 'closed', any],
  ['any number of silent OPTIONS of a trunk that never answered one', times(9, silent), 'closed', any],
  ['half of twenty calls failed', half, 'open', 0],
  ['half of nineteen', half.slice(1), 'closed', any],
  ['nine of twenty', [...half.slice(0, 19), 'good'], 'closed', any],
  ['half of twenty, but not within a minute', [...half.slice(0, 10), 60_000, ...half.slice(10)], 'closed', any],
  ['nineteen calls refused for good', times(19, 'refused'), 'closed', any],
  ['twenty calls refused for good', times(20, 'refused'), 'open', 0],
  ['twenty calls refused for good, a call under way rings', [...times(20, 'refused'), 'good'], 'open', 0],
  ['open, a late refusal', [...open, 'refused'], 'open', 0],
  ['half-open, the call was refused for good', [...halfOpen, ...tried('refused')], 'open', 0],
  ['open, too early', [...open, coolDown - 1, tick], 'open', 0],
  ['open, cooled down', probing, 'probing', 0],
  ['open, a late failure', [...open, 'bad'], 'open', 0],
  ['open, a call under way rings', [...open, 'good'], 'closed', any],
  ['open by share, a call under way rings', [...half, 'good'], 'open', 0],
  ['a 503 with Retry-After', [busy(30)], 'open', 0],
  ['a 503 with Retry-After, a call under way rings', [busy(30), 'good'], 'open', 0],
  ['a 503 with Retry-After, too early', [busy(30), 29_999, tick], 'open', 0],
  ['a 503 with Retry-After, in time', [busy(30), 30_000, tick], 'probing', 0],
  ['a 503 with a Retry-After of nothing', [busy(0)], 'closed', any],
  ['open, and asked for more time', [...open, busy(30), coolDown, tick], 'open', 0],
  ['open, and asked for less', [busy(30), busy(5), 5000, tick], 'open', 0],
  ['an hour is the most that is waited', [busy(999_999), 3_600_000, tick], 'probing', 0],
  ['probing, a late failure', [...probing, 'bad'], 'probing', 0],
  ['probing, answered', halfOpen, 'half-open', 1],
  ['probing, silent, never answered one before', [...probing, silent], 'half-open', 1],
  ['probing, silent, known to answer', ['bad', answered, ...probing, silent], 'open', 0],
  ['half-open, one call under way', [...halfOpen, trial], 'half-open', 0],
  ['half-open, the call was good', [...halfOpen, ...tried('good')], 'half-open', 2],
  ['half-open, three were good', [...halfOpen, ...times(3, trial, 'good')], 'half-open', 4],
  ['half-open, six were good', [...halfOpen, ...times(6, trial, 'good')], 'half-open', 1],
  ['half-open, seven were good', [...halfOpen, ...times(7, trial, 'good')], 'closed', any],
  ['half-open, the call was bad', [...halfOpen, ...tried('bad')], 'open', 0],
  ['half-open, one of the second round was bad', [...halfOpen, ...tried('good'), ...tried('bad')], 'open', 0],
  [
    'half-open, one of the last four was bad',
    [...halfOpen, ...times(3, trial, 'good'), ...tried('bad')],
    'half-open',
    3,
  ],
  [
    'half-open, two of the last four were bad',
    [...halfOpen, ...times(3, trial, 'good'), ...times(2, trial, 'bad')],
    'open',
    0,
  ],
  ['half-open, the call said nothing', [...halfOpen, ...tried('neutral')], 'half-open', 1],
  [
    'open again, another trial of the round rings',
    [...halfOpen, ...tried('good'), trial, trial, 'bad', 'good'],
    'open',
    0,
  ],
  ['closed, a call that says nothing', [...times(4, 'bad'), 'neutral'], 'closed', any],
];
for (const [name, moments, expected, allowed] of rows) {
  test(`breaker: ${name}`, () => {
    const { state } = run(moments);
    assert.equal(state.name, expected);
    assert.equal(callsAllowed(state), allowed);
  });
}

test('breaker: what was begun before it was half-open says nothing about now', () => {
  const { state, now } = run([...halfOpen, trial]);
  for (const end of ['bad', 'good', 'neutral', 'silent', 'refused'] as const) {
    assert.equal(stepBreaker(state, inputOf(end, now - 1), { now, settings }).state, state, end);
  }
});

test('breaker: a trunk may be given more or less patience', () => {
  assert.equal(run(['silent', 'bad'], closedBreaker, { failures: 2, failurePercent: 100 }).state.name, 'open');
  assert.equal(run(times(99, 'bad'), closedBreaker, { failures: 1000, failurePercent: 100 }).state.name, 'open');
  assert.equal(run(half, closedBreaker, { failures: 5, failurePercent: 51 }).state.name, 'closed');
});

test('breaker: the cool-down doubles with each failed try up to its limit, and starts anew once it is closed', () => {
  let { state, now } = run(open);
  const waits: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    waits.push(state.until - now);
    now = state.until;
    for (const moment of [tick, answered, trial, 'bad'] as const) {
      state = stepBreaker(state, inputOf(moment, now), { now, settings }).state;
    }
  }
  assert.deepEqual(waits, [5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  assert.equal(run([...halfOpen, ...times(7, trial, 'good'), ...five]).state.coolDownMs, coolDown);
});

test('breaker: one probe for the first failure, one for each cool-down', () => {
  assert.equal(run(times(3, 'bad')).probes, 1);
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
  assert.equal(suspect(['bad']), true);
  assert.equal(suspect(['silent', answered]), false);
  assert.equal(suspect(['bad', answered]), true, 'that it is there was known');
  assert.equal(suspect(['silent', 'bad', answered]), true);
  assert.equal(suspect(['bad', silent]), true);
  assert.equal(suspect(['bad', breakerLimits.suspectRefusalMs]), false);
  assert.equal(suspect(['silent', breakerLimits.suspectRefusalMs]), true);
  assert.equal(suspect(['silent', breakerLimits.suspectMs]), false);
  assert.equal(suspect(['bad', 'good']), false);
  assert.equal(suspect(['refused']), false);
  assert.equal(suspect(open), true);
  assert.equal(suspect(halfOpen), true);
});

test('breaker: the reason is the last failure and goes with a good call', () => {
  assert.equal(run(['bad', 'silent']).state.reason, 'no response');
  assert.equal(run([...open, 'silent']).state.reason, 'no response');
  assert.equal(run([answered, silent, silent]).state.reason, 'no answer to OPTIONS');
  assert.equal(run(['bad', 'good']).state.reason, null);
});
