import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { LegEnd, TrunkTarget } from '../../src/call/engine.ts';
import { type LoopbackEngine, openLoopbackEngine } from '../support/loopback-engine.ts';
import { ObservedLeg } from '../support/observed-leg.ts';
import { type SippResult, startSippServer } from '../support/sipp.ts';
import { trunkTarget } from '../support/trunk-target.ts';

/** What SIPp does within a dialog, and what our side of it makes of that. Its scenarios check what we send. */

let loopback: LoopbackEngine;
before(async () => {
  loopback = await openLoopbackEngine({ tone: [500] });
});
after(() => loopback?.engine.close());

let calls = 0;

type Course = { readonly end: LegEnd; readonly types: readonly string[]; readonly sipp: SippResult };

/** One call to SIPp with that scenario; `talk` acts once it is answered. */
async function call(
  scenario: string,
  trunk: Partial<TrunkTarget> = {},
  talk: (leg: ObservedLeg) => void = () => undefined,
): Promise<Course> {
  const path = join(import.meta.dirname, 'scenarios', `${scenario}.xml`);
  const sipp = await startSippServer({ scenario: path, calls: 1, extraArgs: ['-timeout', '30'] });
  try {
    const observed = new ObservedLeg(loopback.engine, {
      sipCallId: `dialog-${++calls}`,
      trunk: trunkTarget({ port: sipp.port, codecs: ['PCMA'], ...trunk }),
      number: '8613800000001',
      displayNum: '1008',
      ringTimeoutMs: 20_000,
    });
    void observed.until('answered').then(
      () => talk(observed),
      () => undefined,
    );
    const [end, result] = await Promise.all([observed.end(), sipp.finished(30_000)]);
    assert.equal(result.exitCode, 0, result.errors);
    return { end, types: observed.types, sipp: result };
  } finally {
    await sipp.stop();
  }
}

const hangUp = ({ leg }: ObservedLeg): void => leg.hangUp();

describe('session timer', () => {
  test('422 raises the interval; we refresh by UPDATE; a BYE says why', async () => {
    const { end, types } = await call('uas-422-expect-longer-interval-and-updates', { sessionExpiresS: 90 });
    assert.deepEqual(
      types.filter((type) => type === 'answered' || type === 'ended'),
      ['answered', 'ended'],
    );
    const said = { q850Cause: 16, endReason: 'Normal call clearing' };
    assert.partialDeepStrictEqual(end, { cause: 'remote-hangup', isAnswered: true, sipStatus: 200, ...said });
  });

  test('the far side refreshes, and then is gone: we hang up', async () => {
    const { end } = await call('uas-refresh-once-expect-bye');
    assert.partialDeepStrictEqual(end, { cause: 'no-response', reason: 'the session was not refreshed in time' });
  });

  test('a re-INVITE that is answered 481 ends the call', async () => {
    const { end } = await call('uas-reinvite-481-expect-bye');
    assert.partialDeepStrictEqual(end, { cause: 'no-response', reason: 'SIP 481 to the session refresh' });
  });
});

describe('offer and answer', () => {
  test('a late offer is answered in the ACK', async () => {
    const { end } = await call('uas-offer-in-200-expect-answer-in-ack', { offer: 'late' }, hangUp);
    assert.partialDeepStrictEqual(end, { cause: 'local-hangup', isAnswered: true });
  });

  test('a late offer of nothing that we speak is refused in the ACK, and the call ended', async () => {
    const { end, types } = await call('uas-strange-offer-in-200-expect-refusing-answer', { offer: 'late' });
    assert.partialDeepStrictEqual(end, { cause: 'media-failed', isAnswered: false, reason: 'no common codec' });
    assert.deepEqual(types, ['ended']);
  });

  test('a late offer in a reliable 183 is answered in the PRACK', async () => {
    const { end } = await call('uas-offer-in-183-expect-answer-in-prack', { offer: 'late' }, hangUp);
    assert.partialDeepStrictEqual(end, { cause: 'local-hangup', isAnswered: true });
  });

  test('of two forks the one that answers decides, by what it said before', async () => {
    const { end } = await call('uas-two-forks-expect-ack-of-second', {}, hangUp);
    assert.partialDeepStrictEqual(end, { cause: 'local-hangup', isAnswered: true });
  });
});

test('UPDATE holds and resumes; what is not known is refused and ends nothing', async () => {
  const { end } = await call('uas-update-hold-expect-directions', {}, ({ leg }) => leg.play('tone', 20));
  const said = { q850Cause: 26, endReason: 'Call completed elsewhere' };
  assert.partialDeepStrictEqual(end, { cause: 'remote-hangup', isAnswered: true, ...said });
});

test('503 with Retry-After: the leg says for how long, and nobody is called again', async () => {
  const { end, sipp } = await call('uas-503-expect-no-further-invite');
  const said = { q850Cause: 34, endReason: 'No circuit available', retryAfterS: 30 };
  assert.partialDeepStrictEqual(end, { cause: 'rejected', sipStatus: 503, ...said });
  assert.equal(sipp.successful, 1);
});
