import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { goodMedia } from '../../../test/support/media-stats.ts';
import type { LegEnd } from '../../call/engine.ts';
import type { OutgoingCallEnd } from '../../telephony/sip/endpoint-types.ts';
import { initialLegState, type LegAction, type LegInput, stepLeg } from './leg-machine.ts';

const opened: LegInput = { type: 'opened' };
const trying: LegInput = { type: 'trying' };
const ringing: LegInput = { type: 'provisional', status: 180, hasSdp: false };
const answered: LegInput = { type: 'answered', status: 200, problem: null };
const hangUp: LegInput = { type: 'hang-up' };
const ringTimeout: LegInput = { type: 'ring-timeout' };
const mediaClosed: LegInput = { type: 'media-closed', media: goodMedia };

function sipEnded(cause: OutgoingCallEnd['cause'], status: number | null = null, isCancelled = false): LegInput {
  const words = { q850Cause: 16, causeText: 'Normal Clearing', retryAfterS: 5 };
  return { type: 'sip-ended', end: { cause, status, reason: `sip ${cause}`, ...words, isCancelled } };
}

/** Feeds the inputs and returns the actions in short: the type, or what is observed. */
function run(inputs: readonly LegInput[]): { actions: string[]; end: LegEnd | null; phase: string } {
  let state = initialLegState;
  const done: LegAction[] = [];
  for (const input of inputs) {
    const step = stepLeg(state, input);
    state = step.state;
    done.push(...step.actions);
  }
  const events = done.flatMap((action) => (action.type === 'observe' ? [action.event] : []));
  const end = events.flatMap((event) => (event.type === 'ended' ? [event.end] : []));
  assert.ok(end.length <= 1, 'ended once at most');
  const actions = done.map((action) => (action.type === 'observe' ? `> ${action.event.type}` : action.type));
  return { actions, end: end[0] ?? null, phase: state.phase };
}

describe('leg machine: order', () => {
  it('carries an ordinary call in order', () => {
    const digit: LegInput = { type: 'digit', digit: '1', source: 'rfc4733', atMs: 0 };
    const playEnded: LegInput = { type: 'play-ended', promptKey: 'p', isComplete: true };
    const { actions, end } = run([
      opened,
      trying,
      ringing,
      answered,
      { type: 'first-packet' },
      digit,
      playEnded,
      hangUp,
      sipEnded('local-bye', 200),
      mediaClosed,
    ]);
    assert.deepEqual(actions, [
      'start-ring-timer',
      'send-invite',
      '> ringing',
      'cancel-ring-timer',
      'connect-media',
      '> answered',
      '> media-started',
      '> digit',
      '> play-ended',
      'cancel-ring-timer',
      'hang-up-sip',
      'cancel-ring-timer',
      'close-media',
      '> ended',
    ]);
    assert.deepEqual(end, {
      cause: 'local-hangup',
      reason: 'hung up',
      hasRung: true,
      isAnswered: true,
      sipStatus: 200,
      media: goodMedia,
      machine: null,
      earlyTone: null,
      q850Cause: 16,
      endReason: 'Normal Clearing',
      retryAfterS: 5,
    });
  });

  it('observes ringing once, for 18x only, and notes early media', () => {
    const progress: LegInput = { type: 'provisional', status: 183, hasSdp: true };
    const { actions } = run([opened, { type: 'provisional', status: 199, hasSdp: false }, progress, ringing]);
    assert.deepEqual(actions.slice(2), ['> ringing']);
    const step = stepLeg({ ...initialLegState, phase: 'dialing' }, progress);
    assert.deepEqual(step.actions, [
      { type: 'observe', event: { type: 'ringing', sipStatus: 183, hasEarlyMedia: true } },
    ]);
  });

  it('counts a press reported by event and by INFO once', () => {
    const press = (source: 'rfc4733' | 'sip-info', atMs: number): LegInput => ({
      type: 'digit',
      digit: '1',
      source,
      atMs,
    });
    const { actions } = run([opened, answered, press('rfc4733', 0), press('sip-info', 90), press('rfc4733', 5000)]);
    assert.equal(actions.filter((action) => action === '> digit').length, 2);
  });

  it('observes nothing but the end after a hang-up, and nothing after the end', () => {
    const late: LegInput[] = [
      ringing,
      answered,
      { type: 'first-packet' },
      { type: 'digit', digit: '1', source: 'sip-info', atMs: 0 },
    ];
    const { actions } = run([
      opened,
      hangUp,
      ...late,
      hangUp,
      sipEnded('rejected', 487, true),
      ...late,
      mediaClosed,
      mediaClosed,
      ...late,
      hangUp,
      sipEnded('closed'),
    ]);
    assert.deepEqual(actions.slice(2), [
      'cancel-ring-timer',
      'hang-up-sip',
      'cancel-ring-timer',
      'close-media',
      '> ended',
    ]);
  });

  it('sends no INVITE after a hang-up while opening', () => {
    const { actions, end } = run([hangUp, { type: 'close' }, opened, mediaClosed]);
    assert.deepEqual(actions, ['close-media', '> ended']);
    assert.equal(end?.cause, 'local-hangup');
  });

  it('ends exactly once, whatever comes in whatever order, and never sends after closing', () => {
    const input = fc.constantFrom<LegInput>(
      opened,
      trying,
      ringing,
      answered,
      hangUp,
      ringTimeout,
      mediaClosed,
      { type: 'close' },
      { type: 'first-packet' },
      { type: 'answered', status: 200, problem: 'no' },
      { type: 'media-failed', reason: 'x' },
      sipEnded('remote-bye', 200),
      sipEnded('rejected', 486),
      sipEnded('timeout'),
      { type: 'digit', digit: '1', source: 'sip-info', atMs: 0 },
    );
    fc.assert(
      fc.property(fc.array(input), (inputs) => {
        const { actions, end } = run(inputs);
        const closing = actions.indexOf('close-media');
        const after = closing === -1 ? [] : actions.slice(closing + 1);
        assert.ok(after.every((action) => action === '> ended') && after.length <= 1);
        assert.ok(actions.filter((action) => action === 'send-invite').length <= 1);
        if (end !== null && !end.isAnswered) assert.equal(end.media, null);
        if (!actions.includes('> answered')) assert.ok(!actions.includes('> digit') && !(end?.isAnswered ?? false));
      }),
    );
  });
});

describe('leg machine: how it ends', () => {
  const rows: [string, LegInput[], Partial<LegEnd>][] = [
    [
      'busy',
      [opened, trying, ringing, sipEnded('rejected', 486)],
      { cause: 'rejected', sipStatus: 486, hasRung: true, media: null, reason: 'sip rejected' },
    ],
    ['not found', [opened, sipEnded('rejected', 404)], { cause: 'rejected', sipStatus: 404, hasRung: false }],
    [
      'unresolvable',
      [{ type: 'open-failed', cause: 'transport-error', reason: 'no such host' }],
      { cause: 'transport-error', reason: 'no such host', sipStatus: null },
    ],
    ['no media port', [{ type: 'open-failed', cause: 'internal-error', reason: 'ports' }], { cause: 'internal-error' }],
    ['unreachable', [opened, sipEnded('transport-error')], { cause: 'transport-error', sipStatus: null }],
    ['timer B', [opened, sipEnded('timeout')], { cause: 'no-response' }],
    [
      'nobody answers',
      [opened, trying, ringing, ringTimeout, sipEnded('rejected', 487, true)],
      { cause: 'ring-timeout', sipStatus: 487, hasRung: true, isAnswered: false },
    ],
    [
      'nobody answers, not even rings',
      [opened, trying, ringTimeout, sipEnded('rejected', 487, true)],
      { cause: 'ring-timeout', hasRung: false },
    ],
    [
      'ring timeout on a dead trunk',
      [opened, ringTimeout, sipEnded('timeout', null, true)],
      { cause: 'no-response', sipStatus: null },
    ],
    [
      'ring timeout, then the port is unreachable',
      [opened, ringTimeout, sipEnded('transport-error', null, true)],
      { cause: 'transport-error' },
    ],
    ['hang-up on a dead trunk', [opened, hangUp, sipEnded('timeout', null, true)], { cause: 'local-hangup' }],
    [
      'an answer that crosses our CANCEL',
      [opened, ringing, ringTimeout, answered, sipEnded('local-bye', 200, true)],
      { cause: 'ring-timeout', sipStatus: 200, isAnswered: false, media: null },
    ],
    [
      'the first asking counts',
      [opened, ringing, ringTimeout, hangUp, sipEnded('rejected', 487, true)],
      { cause: 'ring-timeout' },
    ],
    [
      'far hang-up',
      [opened, answered, sipEnded('remote-bye', 200)],
      { cause: 'remote-hangup', sipStatus: 200, isAnswered: true },
    ],
    ['far hang-up crosses ours', [opened, answered, hangUp, sipEnded('remote-bye', 200)], { cause: 'local-hangup' }],
    [
      'unusable answer',
      [opened, { type: 'answered', status: 200, problem: 'no common codec' }, sipEnded('local-bye', 200)],
      { cause: 'media-failed', reason: 'no common codec', isAnswered: false, sipStatus: 200, media: null },
    ],
    [
      'media thread dies',
      [opened, answered, { type: 'media-failed', reason: 'gone' }, sipEnded('local-bye', 200)],
      { cause: 'internal-error', reason: 'media failed: gone' },
    ],
    [
      'engine closes',
      [opened, answered, { type: 'close' }, sipEnded('local-bye', 200)],
      { cause: 'engine-closed', isAnswered: true },
    ],
    ['endpoint closes', [opened, answered, sipEnded('closed', 200)], { cause: 'engine-closed' }],
    ['the SIP library gives up a dialog', [opened, answered, sipEnded('local-bye', 200)], { cause: 'internal-error' }],
  ];
  for (const [name, inputs, expected] of rows) {
    it(name, () => {
      const { end, phase } = run([...inputs, mediaClosed]);
      assert.equal(phase, 'ended');
      assert.partialDeepStrictEqual(end, expected);
    });
  }
});

describe('leg machine: who answers', () => {
  const vacant: LegInput = { type: 'machine', finding: { type: 'early-tone', tone: 'vacant' } };
  const busy: LegInput = { type: 'machine', finding: { type: 'early-tone', tone: 'busy' } };
  const found = (result: 'person' | 'machine', decidedAfterMs: number): LegInput => ({
    type: 'machine',
    finding: {
      type: 'answerer',
      result,
      hasMailbox: true,
      evidence: { rule: 'short-speech', words: 1 },
      decidedAfterMs,
    },
  });
  const beeped: LegInput = {
    type: 'machine',
    finding: { type: 'records', after: 'beep', evidence: { beepHz: 1000 } },
  };

  it('observes who answered, and keeps the last word with all its evidence for the end', () => {
    const inputs = [opened, answered, found('person', 900), found('machine', 4000), beeped];
    const { actions, end } = run([...inputs, hangUp, sipEnded('local-bye', 200), mediaClosed]);
    assert.deepEqual(
      actions.filter((action) => action.startsWith('> ')),
      ['> answered', '> answerer', '> answerer', '> machine-records', '> ended'],
    );
    const evidence = { rule: 'short-speech', words: 1, beepHz: 1000 };
    assert.deepEqual(end?.machine, { result: 'machine', evidence, decidedAfterMs: 4000 });
  });

  it('keeps the first tone before the answer, and observes none', () => {
    const { actions, end } = run([opened, ringing, vacant, busy, sipEnded('rejected', 480), mediaClosed]);
    assert.deepEqual(actions.slice(2, 3), ['> ringing']);
    assert.equal(end?.earlyTone, 'vacant');
    assert.equal(run([opened, answered, busy, hangUp, sipEnded('local-bye', 200), mediaClosed]).end?.earlyTone, null);
  });

  it('takes no word of who answered before the answer, or after the end', () => {
    assert.deepEqual(run([opened, ringing, found('person', 0)]).actions.slice(3), []);
    assert.deepEqual(run([opened, answered, beeped]).actions.slice(5), []);
    const late = run([opened, answered, hangUp, found('machine', 10)]);
    assert.ok(!late.actions.includes('> answerer'));
  });

  it('observes audio that flowed before the answer after it', () => {
    const { actions } = run([opened, ringing, { type: 'first-packet' }, answered, { type: 'first-packet' }]);
    assert.deepEqual(actions.slice(2), [
      '> ringing',
      'cancel-ring-timer',
      'connect-media',
      '> answered',
      '> media-started',
    ]);
  });
});
