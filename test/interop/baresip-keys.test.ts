import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CallEngine, TrunkTarget } from '../../src/call/engine.ts';
import { DtmfDetector } from '../../src/telephony/audio/dtmf-detector.ts';
import { type Phone, startPhone } from '../support/baresip.ts';
import { heardUnbroken } from '../support/heard-unbroken.ts';
import { openLoopbackEngine } from '../support/loopback-engine.ts';
import { ObservedLeg } from '../support/observed-leg.ts';
import { trunkTarget } from '../support/trunk-target.ts';
import { until } from '../support/until.ts';

const number = '2001';

describe('keys to and from baresip', () => {
  let engine: CallEngine;
  let phone: Phone;
  let calls = 0;
  before(async () => {
    engine = (await openLoopbackEngine({ afterwards: [500] })).engine;
    phone = await startPhone(number);
  });
  after(async () => {
    await engine?.close();
    await phone?.stop();
  });

  async function answered(trunk: Partial<TrunkTarget>): Promise<ObservedLeg> {
    calls += 1;
    const target = trunkTarget({ port: phone.port, ...trunk });
    const request = { sipCallId: `keys-${calls}`, trunk: target, number, displayNum: '1008', ringTimeoutMs: 20_000 };
    const call = new ObservedLeg(engine, request);
    await call.until('answered');
    await phone.waitForCall('CALL_ESTABLISHED', 10_000, calls);
    return call;
  }

  async function over(call: ObservedLeg): Promise<void> {
    call.leg.hangUp();
    await call.end();
    await phone.waitForCall('CALL_CLOSED', 10_000, calls);
  }

  const understood: readonly (readonly [what: string, trunk: Partial<TrunkTarget>])[] = [
    ['as events', { dtmf: 'auto' }],
    ['by INFO', { dtmf: 'info' }],
  ];
  for (const [what, trunk] of understood) {
    test(`keys are understood ${what}`, async () => {
      const from = phone.pressed().length;
      const call = await answered(trunk);
      call.leg.sendDigits('1599*#');
      await until(() => (phone.pressed().slice(from) === '1599*#' ? true : null), {
        what: "baresip's keys",
        timeoutMs: 15_000,
        everyMs: 50,
        detail: () => phone.pressed(),
      });
      await over(call);
    });
  }

  test('keys are heard as tones', (t) =>
    heardUnbroken(t, async () => {
      const call = await answered({ dtmf: 'inband' });
      call.leg.sendDigits('1599*#');
      // Its turn comes when they are over.
      call.leg.play('afterwards', 1);
      await call.until('play-ended');
      await over(call);
      const { pcm } = await phone.heard();
      let heard = '';
      const detector = new DtmfDetector(({ key }) => (heard += key));
      detector.hear(Int16Array.from(pcm), { isConcealed: false });
      assert.equal(heard, '1599*#');
    }));

  test('a key that is pressed comes once, also where tones are listened for as well', async () => {
    const call = await answered({ dtmf: 'all' });
    phone.press('7');
    await call.until('digit');
    await over(call);
    const keys = call.events.flatMap((event) => (event.type === 'digit' ? [`${event.digit} ${event.source}`] : []));
    assert.deepEqual(keys, ['7 rfc4733']);
  });
});
