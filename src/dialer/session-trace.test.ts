import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedTrunk } from '../../test/support/trunk-target.ts';
import { noFarEndWords, nothingHeard } from '../call/engine.ts';
import { localOutcome } from '../call/outcome.ts';
import type { OpenTrace } from '../domain/trace/call-traces.ts';
import { SessionTrace } from './session-trace.ts';

const call = { createdDay: '2026-01-05', taskId: 7, seq: 9, number: '8613000000001' };
const outcome = localOutcome('noTrunk', 'no trunk serves the number');

/** Traces that begin with that trunk, and what they say. */
function traces(wantedTrunkId: number | null) {
  const lines: string[] = [];
  const trace: OpenTrace = {
    message: () => assert.fail('the dialer sees no messages'),
    note: (kind, text) => lines.push(`${kind}: ${text}`),
    end: () => lines.push('end'),
  };
  return { lines, trace, begin: (_call: object, trunkId: number | null) => (trunkId === wantedTrunkId ? trace : null) };
}

test('session trace: begins with the first attempt that a rule wants, and goes on to the end', () => {
  const it = traces(2);
  const session = new SessionTrace(it, call);
  assert.equal(session.attempt(storedTrunk(1), 1, '1008'), null);
  const refused = {
    hasRung: false,
    isAnswered: false,
    ...nothingHeard,
    cause: 'rejected',
    reason: 'Busy',
    sipStatus: 503,
  } as const;
  session.legEnded({ ...refused, ...noFarEndWords });
  assert.equal(session.attempt(storedTrunk(2), 2, null), it.trace);
  session.legEnded({ ...refused, ...noFarEndWords, q850Cause: 34, retryAfterS: 120 });
  assert.equal(session.attempt(storedTrunk(1), 3, '1008'), it.trace);
  session.ended(outcome);
  assert.deepEqual(it.lines, [
    'trunk: attempt 2: trunk 2 (t2), without a caller id',
    'trunk: the attempt ended: rejected (Busy), SIP 503, Q.850 cause 34, not to be asked again for 120 s',
    'trunk: attempt 3: trunk 1 (t1), shown as 1008',
    'call: ended with status 60, code 1007: no trunk serves the number',
    'end',
  ]);
});

test('session trace: a call that never left is traced where the trunk does not matter', () => {
  const it = traces(null);
  new SessionTrace(it, call).ended(outcome);
  assert.deepEqual(it.lines, ['call: ended with status 60, code 1007: no trunk serves the number', 'end']);
});
