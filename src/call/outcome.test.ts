import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LegEnd, noFarEndWords, nothingHeard } from './engine.ts';
import { indeterminateOutcome, localOutcome, type Outcome, outcomeOf } from './outcome.ts';
import { statusOfCause } from './q850.ts';

type Row = readonly [
  name: string,
  end: Partial<LegEnd>,
  expected: readonly [Outcome['class'], Outcome['callStatus'], code: string, mayTryNextTrunk: boolean],
];

const sip = (sipStatus: number, hasRung: boolean): Partial<LegEnd> => ({ cause: 'rejected', sipStatus, hasRung });

const rows: readonly Row[] = [
  [
    'answered, far side hangs up',
    { cause: 'remote-hangup', isAnswered: true, hasRung: true, sipStatus: 200 },
    ['success', 50, '0', false],
  ],
  [
    'answered without ringing',
    { cause: 'local-hangup', isAnswered: true, sipStatus: 200 },
    ['success', 50, '0', false],
  ],
  [
    'answered, then the process stops',
    { cause: 'engine-closed', isAnswered: true, sipStatus: 200 },
    ['success', 50, '0', false],
  ],
  [
    'answered, then our fault',
    { cause: 'internal-error', isAnswered: true, sipStatus: 200 },
    ['success', 50, '0', false],
  ],
  [
    'answered, far side vanishes',
    { cause: 'no-response', isAnswered: true, sipStatus: 200 },
    ['success', 50, '0', false],
  ],
  [
    'answered without usable media',
    { cause: 'media-failed', isAnswered: true, hasRung: true, sipStatus: 200 },
    ['trunk', 30, '1004', false],
  ],
  ['same, without ringing', { cause: 'media-failed', isAnswered: true, sipStatus: 200 }, ['trunk', 60, '1004', false]],
  ['486 before ringing', sip(486, false), ['callee', 10, '486', false]],
  ['486 after ringing', sip(486, true), ['callee', 10, '486', false]],
  ['600 before ringing', sip(600, false), ['callee', 10, '600', false]],
  ['600 after ringing', sip(600, true), ['callee', 10, '600', false]],
  ['603 before ringing', sip(603, false), ['callee', 30, '603', false]],
  ['603 after ringing', sip(603, true), ['callee', 30, '603', false]],
  ['487 by the far end', sip(487, true), ['callee', 30, '487', false]],
  ['480 before ringing', sip(480, false), ['callee', 60, '480', false]],
  ['480 after ringing', sip(480, true), ['callee', 20, '480', false]],
  ['408 before ringing', sip(408, false), ['trunk', 60, '408', true]],
  ['408 after ringing', sip(408, true), ['callee', 20, '408', false]],
  ['404', sip(404, false), ['callee', 60, '404', false]],
  ['404 after ringing', sip(404, true), ['callee', 30, '404', false]],
  ['410', sip(410, false), ['callee', 60, '410', false]],
  ['484', sip(484, false), ['callee', 60, '484', false]],
  ['604', sip(604, false), ['callee', 60, '604', false]],
  ['401', sip(401, false), ['trunk', 60, '401', true]],
  ['407', sip(407, false), ['trunk', 60, '407', true]],
  ['407 after ringing', sip(407, true), ['trunk', 30, '407', false]],
  ['403', sip(403, false), ['trunk', 60, '403', false]],
  ['488', sip(488, false), ['trunk', 60, '488', false]],
  ['606', sip(606, false), ['trunk', 60, '606', false]],
  ['302', sip(302, false), ['trunk', 60, '302', false]],
  ['500', sip(500, false), ['trunk', 60, '500', true]],
  ['503', sip(503, false), ['trunk', 60, '503', true]],
  ['504', sip(504, false), ['trunk', 60, '504', true]],
  ['503 after ringing', sip(503, true), ['trunk', 30, '503', false]],
  ['ring timeout', { cause: 'ring-timeout', hasRung: true, sipStatus: 487 }, ['callee', 20, '1001', false]],
  [
    'ring timeout, and a 200 that crossed our CANCEL',
    { cause: 'ring-timeout', hasRung: true, isAnswered: false, sipStatus: 200 },
    ['callee', 20, '1001', false],
  ],
  ['ring timeout without ringing', { cause: 'ring-timeout', sipStatus: 487 }, ['trunk', 60, '1001', false]],
  ['no response', { cause: 'no-response' }, ['trunk', 60, '1002', true]],
  ['no final response after ringing', { cause: 'no-response', hasRung: true }, ['trunk', 30, '1002', false]],
  ['no route', { cause: 'transport-error' }, ['trunk', 60, '1003', true]],
  ['network lost after ringing', { cause: 'transport-error', hasRung: true }, ['trunk', 30, '1003', false]],
  ['we hang up before ringing', { cause: 'local-hangup' }, ['platform', 60, '1005', false]],
  ['we hang up while it rings', { cause: 'local-hangup', hasRung: true }, ['platform', 30, '1005', false]],
  ['engine closed', { cause: 'engine-closed' }, ['platform', 60, '1005', false]],
  ['internal error', { cause: 'internal-error' }, ['platform', 60, '1006', false]],
  ['503 that is a busy callee', { ...sip(503, false), q850Cause: 17 }, ['callee', 10, '503', false]],
  ['500 that is a busy callee, after ringing', { ...sip(500, true), q850Cause: 17 }, ['callee', 10, '500', false]],
  ['480 that is a busy callee', { ...sip(480, false), q850Cause: 17 }, ['callee', 10, '480', false]],
  ['503 that is no answer', { ...sip(503, true), q850Cause: 19 }, ['callee', 20, '503', false]],
  ['503 that is nobody there', { ...sip(503, false), q850Cause: 18 }, ['callee', 60, '503', false]],
  ['503 that is an absent callee', { ...sip(503, false), q850Cause: 20 }, ['callee', 60, '503', false]],
  ['403 that the callee meant', { ...sip(403, true), q850Cause: 21 }, ['callee', 30, '403', false]],
  ['500 that is an unknown number', { ...sip(500, false), q850Cause: 1 }, ['callee', 60, '500', false]],
  ['502 that is an incomplete number', { ...sip(502, false), q850Cause: 28 }, ['callee', 60, '502', false]],
  ['503 without a circuit', { ...sip(503, false), q850Cause: 34 }, ['trunk', 60, '503', true]],
  ['503 with normal clearing', { ...sip(503, false), q850Cause: 16 }, ['trunk', 60, '503', true]],
  ['503 with an unknown cause', { ...sip(503, false), q850Cause: 99 }, ['trunk', 60, '503', true]],
  // The cause closes the way to another trunk, and never opens it.
  ['480 without a circuit', { ...sip(480, false), q850Cause: 34 }, ['trunk', 60, '480', false]],
  ['503 for a barred caller', { ...sip(503, false), q850Cause: 57 }, ['trunk', 60, '503', false]],
  ['486 with a cause that is not busy', { ...sip(486, false), q850Cause: 34 }, ['callee', 10, '486', false]],
  ['404 with a cause that is busy', { ...sip(404, false), q850Cause: 17 }, ['callee', 60, '404', false]],
  ['487 by the far end, without an answer', { ...sip(487, true), q850Cause: 19 }, ['callee', 20, '487', false]],
  // Tones before the answer, where the status and the cause leave it open.
  ['480 after the tones of a vacant number', { ...sip(480, false), earlyTone: 'vacant' }, ['callee', 60, '480', false]],
  ['480 after ringing and a busy tone', { ...sip(480, true), earlyTone: 'busy' }, ['callee', 10, '480', false]],
  ['480 after the tones of no circuit', { ...sip(480, false), earlyTone: 'no-circuit' }, ['trunk', 60, '480', false]],
  ['503 after the tones of a vacant number', { ...sip(503, false), earlyTone: 'vacant' }, ['callee', 60, '503', false]],
  ['503 after a congestion tone', { ...sip(503, false), earlyTone: 'congestion' }, ['trunk', 60, '503', true]],
  ['404 after a busy tone', { ...sip(404, false), earlyTone: 'busy' }, ['callee', 60, '404', false]],
  ['a cause before a tone', { ...sip(480, false), q850Cause: 1, earlyTone: 'busy' }, ['callee', 60, '480', false]],
  [
    'ring timeout under a busy tone',
    { cause: 'ring-timeout', sipStatus: 487, earlyTone: 'busy' },
    ['callee', 10, '1001', false],
  ],
  [
    'ring timeout under the tones of no circuit',
    { cause: 'ring-timeout', sipStatus: 487, hasRung: true, earlyTone: 'no-circuit' },
    ['trunk', 30, '1001', false],
  ],
  ['BYE without an answer', { cause: 'remote-hangup' }, ['trunk', 60, '1006', false]],
];

for (const [name, end, [outcomeClass, callStatus, terminationCode, mayTryNextTrunk]] of rows) {
  test(`outcome: ${name}`, () => {
    const leg: LegEnd = {
      cause: 'rejected',
      hasRung: false,
      isAnswered: false,
      sipStatus: null,
      reason: '',
      ...nothingHeard,
      ...noFarEndWords,
      ...end,
    };
    const outcome = outcomeOf(leg);
    assert.deepEqual(
      [outcome.class, outcome.callStatus, outcome.terminationCode, outcome.mayTryNextTrunk, outcome.sipStatus],
      [outcomeClass, callStatus, terminationCode, mayTryNextTrunk, leg.sipStatus],
    );
    assert.notEqual(outcome.terminationReason, '');
  });
}

test('outcome: the tone says why, unless the far side said it clearly', () => {
  const facts = { hasRung: false, isAnswered: false, ...nothingHeard, ...noFarEndWords, earlyTone: 'vacant' } as const;
  const end: LegEnd = { ...facts, cause: 'rejected', sipStatus: 480, reason: 'Temporarily Unavailable' };
  assert.equal(outcomeOf(end).terminationReason, 'tones before an announcement: number not assigned');
  const clear: LegEnd = { ...end, sipStatus: 486, reason: 'Busy Here' };
  assert.equal(outcomeOf(clear).terminationReason, 'Busy Here');
});

test('outcome: a machine is voicemail, not a success', () => {
  const end: LegEnd = {
    cause: 'local-hangup',
    hasRung: true,
    isAnswered: true,
    sipStatus: 200,
    reason: 'OK',
    ...nothingHeard,
    ...noFarEndWords,
  };
  const outcome = outcomeOf(end, 'machine');
  assert.deepEqual([outcome.class, outcome.callStatus, outcome.terminationCode], ['callee', 40, '200']);
});

test('outcome: every cause that is mapped is one of Q.850, every status a refusal', () => {
  for (let cause = 0; cause <= 256; cause++) {
    const status = statusOfCause(cause);
    assert.ok(status === null || (cause >= 1 && cause <= 127 && status >= 400 && status <= 699), `${cause}: ${status}`);
  }
  assert.deepEqual([statusOfCause(17), statusOfCause(16), statusOfCause(null)], [486, null, null]);
});

test('outcome: what the far side said is kept', () => {
  const outcome = outcomeOf({
    cause: 'remote-hangup',
    hasRung: true,
    isAnswered: true,
    sipStatus: 200,
    reason: 'OK',
    ...nothingHeard,
    q850Cause: 16,
    endReason: 'Normal Clearing',
    retryAfterS: null,
  });
  assert.deepEqual([outcome.q850Cause, outcome.endReason, outcome.callStatus], [16, 'Normal Clearing', 50]);
});

test('outcome: the reason phrase of the far side is kept', () => {
  const end: LegEnd = {
    cause: 'rejected',
    hasRung: false,
    isAnswered: false,
    sipStatus: 404,
    reason: 'No Such User',
    ...nothingHeard,
    ...noFarEndWords,
  };
  assert.equal(outcomeOf(end).terminationReason, 'No Such User');
});

test('outcome: calls that nobody saw the end of', () => {
  const died = indeterminateOutcome('processDied', false);
  assert.deepEqual([died.class, died.callStatus, died.terminationCode], ['indeterminate', 60, '1008']);
  const spoken = indeterminateOutcome('processDied', true);
  assert.deepEqual([spoken.class, spoken.callStatus, spoken.terminationCode], ['indeterminate', 50, '0']);
  const late = indeterminateOutcome('tooLate', false);
  assert.deepEqual([late.class, late.callStatus, late.terminationCode], ['indeterminate', 60, '1009']);
});

test('outcome: calls that never left', () => {
  const noTrunk = localOutcome('noTrunk', 'all trunks are down');
  assert.deepEqual([noTrunk.class, noTrunk.callStatus, noTrunk.terminationCode], ['trunk', 60, '1007']);
  assert.equal(localOutcome('noPrompt', 'x').class, 'platform');
  const unpaid = localOutcome('balanceUsedUp', 'the balance is used up');
  assert.deepEqual([unpaid.class, unpaid.callStatus, unpaid.terminationCode], ['platform', 60, '1011']);
});
