import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { trunkTarget } from '../../../test/support/trunk-target.ts';
import type { DtmfMode } from '../../call/dtmf-mode.ts';
import type { LegEvent } from '../../call/engine.ts';
import { silentLogger } from '../../lib/logger.ts';
import { seededRandom } from '../../lib/random.ts';
import type { MediaObserver, MediaService, MediaSession } from '../../telephony/rtp/media-types.ts';
import type { OutgoingCallObserver, SipEndpoint } from '../../telephony/sip/endpoint-types.ts';
import { FakeClock } from '../../telephony/sip/testing/fake-clock.ts';
import { udpHop } from '../../telephony/sip/transport/hop.ts';
import { EmbeddedLeg } from './embedded-leg.ts';
import { KeyTones } from './key-tones.ts';

const withEvents = 'm=audio 4000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n';
const withoutEvents = 'm=audio 4000 RTP/AVP 8\r\n';

/** A leg over fakes, answered with this media; what it makes them do is in `log`. */
async function answered(dtmf: DtmfMode, media: string) {
  const log: string[] = [];
  const events: LegEvent[] = [];
  let sip: OutgoingCallObserver = () => undefined;
  let observeMedia: MediaObserver = () => undefined;
  const session: MediaSession = {
    localPort: 20_004,
    connect: () => undefined,
    play: () => undefined,
    stopPlay: () => undefined,
    detectMachine: () => assert.fail('not asked for'),
    interject: (promptKey) => log.push(promptKey),
    sendDigit: (digit, durationMs) => log.push(`event ${digit} ${durationMs}`),
    captured: () => assert.fail('the engine keeps no audio'),
    record: () => assert.fail('nobody asked for a recording'),
    close: () => assert.fail('the leg is not ended here'),
  };
  const service: MediaService = {
    room: 1,
    open: async (observer) => {
      observeMedia = observer;
      return session;
    },
    expectCodecs: () => undefined,
    loadPrompt: async ({ promptKey }) => void log.push(`load ${promptKey}`),
    unloadPrompt: () => undefined,
    figures: async () => [],
    close: async () => undefined,
  };
  const endpoint: Pick<SipEndpoint, 'addressFor' | 'invite'> = {
    addressFor: () => ({ address: '10.0.0.1', port: 5060 }),
    invite: ({ sipCallId }, observer) => {
      sip = observer;
      const sendInfoDigit = (digit: string, durationMs: number): void => void log.push(`info ${digit} ${durationMs}`);
      return { sipCallId, hangUp: () => undefined, sendInfoDigit };
    },
  };
  const leg = new EmbeddedLeg(
    {
      endpoint: endpoint as SipEndpoint,
      media: service,
      keyTones: new KeyTones(service),
      locate: async () => [udpHop({ address: '10.0.0.2', port: 5060 })],
      routesOf: () => [],
      clock: new FakeClock(),
      random: seededRandom(1),
      logger: silentLogger(),
      rtpHosts: ['10.0.0.1'],
      nextSessionId: () => 1,
    },
    {
      sipCallId: 'c',
      trunk: trunkTarget({ dtmf }),
      number: '1000',
      displayNum: null,
      ringTimeoutMs: 1000,
    },
    (event) => events.push(event),
  );
  await turn();
  leg.sendDigits('9');
  assert.equal(log.length, 0, 'before the answer nothing is sent');
  sip({
    type: 'answered',
    status: 200,
    sdp: `v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\n${media}`,
  });
  return { leg, log, events, sip, observeMedia };
}

describe('digits of a leg', () => {
  it('leave as events where these were agreed on', async () => {
    const { leg, log } = await answered('auto', withEvents);
    leg.sendDigits('1#a');
    assert.deepEqual(log, ['event 1 100', 'event # 100', 'event a 100']);
  });

  it('leave by INFO', async () => {
    for (const [mode, media] of [
      ['info', withEvents],
      ['auto_info', withoutEvents],
    ] as const) {
      const { leg, log } = await answered(mode, media);
      leg.sendDigits('1d');
      assert.deepEqual(log, ['info 1 100', 'info D 100']);
    }
  });

  it('leave as tones, which are loaded once, in the order of asking', async () => {
    const { leg, log } = await answered('auto', withoutEvents);
    leg.sendDigits('12');
    leg.sendDigits('a');
    await turn();
    assert.equal(log.filter((entry) => entry.startsWith('load ')).length, 16);
    assert.deepEqual(log.slice(16), ['key-tones:1', 'key-tones:2', 'key-tones:A']);
  });

  it('do not leave where no way was agreed on', async () => {
    const { leg, log } = await answered('rfc4733', withoutEvents);
    leg.sendDigits('1');
    await turn();
    assert.deepEqual(log, []);
  });

  it('are keys and nothing else', async () => {
    const { leg } = await answered('auto', withEvents);
    assert.throws(() => leg.sendDigits('1x'), /0-9/);
  });

  it('are heard once, whichever way they come', async () => {
    const { events, sip, observeMedia } = await answered('all', withEvents);
    observeMedia({ type: 'digit', digit: '5', durationMs: 100, source: 'in-band' });
    observeMedia({ type: 'digit', digit: '5', durationMs: 120, source: 'rfc4733' });
    sip({ type: 'info-digit', digit: '5' });
    observeMedia({ type: 'digit', digit: '6', durationMs: 100, source: 'rfc4733' });
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'digit' ? [`${event.digit} ${event.source}`] : [])),
      ['5 in-band', '6 rfc4733'],
    );
  });
});
