import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type AsteriskCarrier, endpointSection, startAsteriskCarrier } from '../support/asterisk-carrier.ts';
import type { RemoteMessage } from '../support/asterisk-remote-control.ts';
import { assertNear, reported, WatchedLine } from '../support/watched-line.ts';
import { watchedMedia } from '../support/watched-media.ts';

describe('RTCP with Asterisk', () => {
  const line = new WatchedLine();
  let carrier: AsteriskCarrier;
  before(async () => {
    const pjsip = [
      endpointSection('anonymous', { rtcp_mux: 'yes' }),
      endpointSection('secure', { media_encryption: 'sdes' }),
    ].join('');
    // Says a tone all the time, and at the end what it counted.
    const dialplan = `
[carrier]
exten => _5X.,1,Answer()
 same => n,Set(NUMBER=\${EXTEN})
 same => n,Milliwatt()
exten => h,1,UserEvent(Rtcp,Number: \${NUMBER},All: \${CHANNEL(rtcp,all)})
`;
    carrier = await startAsteriskCarrier(pjsip, dialplan, {
      startWorker: watchedMedia((datagram) => line.passes(datagram)),
    });
  });
  after(() => carrier?.close());

  /** Makes a call of some seconds, with silence, a prompt that is played twice, and silence. Returns our figures and Asterisk's. */
  async function talk(number: string, loss = 0, trunk: Parameters<AsteriskCarrier['dial']>[1] = {}) {
    line.begin(loss);
    const call = carrier.dial(number, trunk);
    await call.until('answered');
    await delay(1000);
    call.leg.play('tones', 2);
    await call.until('play-ended');
    await delay(3500);
    call.leg.hangUp();
    const media = reported(await call.end());
    const isIt = (event: RemoteMessage): boolean => event.UserEvent === 'Rtcp' && event.Number === number;
    const { All = '' } = await carrier.asterisk.remoteControl.waitForEvent('UserEvent', isIt);
    const figures = Object.fromEntries(All.split(';').map((pair) => pair.split('=')));
    return { media, asterisk: (name: string): number => Number(figures[name] ?? Number.NaN) };
  }

  for (const percent of [1, 5]) {
    test(`RTCP: loss of ${percent} % in each direction is what both sides count and report`, async () => {
      const { media, asterisk } = await talk(`500${percent}`, percent / 100);
      const { sent, received } = line;
      assert.ok(sent.lost > 0 && received.lost > 0, 'something was lost');
      assert.equal(media.packetsSent, sent.packets);
      assert.equal(media.packetsReceived, received.packets - received.lost);
      assertNear(media.packetsLost, received.lost, 'what we counted');
      assertNear(media.farSide.packetsLost, line.lostAtReports.slice(-1), 'what Asterisk reported');
      assertNear(asterisk('lp'), sent.lost, 'what Asterisk counted');
      assertNear(asterisk('rlp'), line.lostAtOwnReports, 'what we reported');
      assert.ok(media.mos < 4.4 && media.farSide.mos < 4.4);
    });
  }

  test('RTCP of a clean call: Asterisk agrees, and Wireshark finds nothing wrong on either side', async () => {
    const { media, asterisk } = await talk('5010');
    assert.deepEqual([media.packetsLost, media.farSide.packetsLost, asterisk('lp'), asterisk('rlp')], [0, 0, 0, 0]);
    assert.ok(media.roundTripMs !== null && media.roundTripMs < 1000);
    assert.ok(media.mos > 4 && media.farSide.mos > 4, JSON.stringify(media));
    assert.equal(line.isMuxed, false);
    const { streams, reports, complaints } = await line.capture.dissect();
    assert.deepEqual(complaints, []);
    const figures = streams.map(({ packets, lost, hasProblems }) => [packets, lost, hasProblems]);
    assert.deepEqual(
      new Set(figures.map(String)),
      new Set([line.sent, line.received].map((it) => `${it.packets},0,false`)),
    );
    const ours = reports.filter(({ sourcePort }) => sourcePort === line.port + 1).map(({ types }) => types);
    assert.ok(ours.length >= 2);
    assert.deepEqual(ours, [...ours.slice(1).map(() => '200,202'), '200,202,203'], 'reports, and a BYE at the end');
  });

  test('RTCP on the port of RTP, where Asterisk offers that', async () => {
    const { media, asterisk } = await talk('5020', 0, { offer: 'late' });
    assert.equal(line.isMuxed, true);
    assert.deepEqual([media.farSide.packetsLost, asterisk('rlp')], [0, 0]);
    assert.notEqual(media.roundTripMs, null);
  });

  test('RTCP under the keys of the call (SRTCP)', async () => {
    const { media, asterisk } = await talk('5030', 0.05, { username: 'secure', mediaEncryption: 'sdes' });
    assertNear(media.farSide.packetsLost, line.lostAtReports.slice(-1), 'what Asterisk reported');
    assert.ok(asterisk('rlp') > 0, 'it reads what we report');
    assert.notEqual(media.roundTripMs, null);
    const { reports } = await line.capture.dissect();
    // What is not in clear may look like a description by chance, but not each time.
    for (const [port, from] of Map.groupBy(reports, ({ sourcePort }) => sourcePort)) {
      const isHidden = from.length > 1 && !from.every(({ types }) => types.includes('202'));
      assert.ok(isHidden, `nothing of it is in clear but the head: ${port} ${JSON.stringify(from)}`);
    }
  });
});
