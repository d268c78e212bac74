import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Phone, startPhone } from '../support/baresip.ts';
import { type LoopbackEngine, openLoopbackEngine } from '../support/loopback-engine.ts';
import { ObservedLeg } from '../support/observed-leg.ts';
import { trunkTarget } from '../support/trunk-target.ts';
import { until } from '../support/until.ts';
import { assertNear, reported, WatchedLine } from '../support/watched-line.ts';
import { watchedMedia } from '../support/watched-media.ts';

describe('RTCP with a real phone', () => {
  const line = new WatchedLine();
  let loopback: LoopbackEngine;
  let phone: Phone;
  before(async () => {
    loopback = await openLoopbackEngine({}, { startWorker: watchedMedia((datagram) => line.passes(datagram)) });
    phone = await startPhone('8613800000001');
  });
  after(async () => {
    await phone?.stop();
    await loopback?.engine.close();
  });

  test('RTCP: loss of 5 % in each direction is in both reports', async () => {
    line.begin(0.05);
    const trunk = trunkTarget({ port: phone.port });
    const who = { number: '8613800000001', displayNum: '1008', ringTimeoutMs: 20_000 };
    const call = new ObservedLeg(loopback.engine, { sipCallId: 'rtcp-1', trunk, ...who });
    await call.until('answered');
    // Eight seconds, and it reports every five.
    await until(() => line.sent.packets >= 400 && line.lostAtReports.length > 0, {
      what: 'its report',
      timeoutMs: 15_000,
    });
    call.leg.hangUp();
    const media = reported(await call.end());
    assertNear(media.packetsLost, line.received.lost, 'what we counted');
    // Its farewell says nothing of what it heard.
    assertNear(media.farSide.packetsLost, line.lostAtReports, 'what it reported');
    assert.ok(media.roundTripMs !== null && media.roundTripMs < 1000);
    const { complaints } = await line.capture.dissect();
    assert.deepEqual(complaints, []);
  });
});
