import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CodecName } from '../../src/call/engine.ts';
import { MediaNegotiation } from '../../src/engine/embedded/media-negotiation.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { findTones, generateTones } from '../../src/telephony/audio/tones.ts';
import { createMediaService } from '../../src/telephony/rtp/media-service.ts';
import type { MediaEvent, MediaService, RemoteMedia } from '../../src/telephony/rtp/media-types.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import type { OutgoingCallEvent, SipEndpoint } from '../../src/telephony/sip/endpoint-types.ts';
import { udpHop } from '../../src/telephony/sip/transport/hop.ts';
import { startPhone } from '../support/baresip.ts';
import { freeUdpRange } from '../support/free-port.ts';
import { heardTones, type Samples } from '../support/tone.ts';
import { until } from '../support/until.ts';

const host = '127.0.0.1';
/** The highest is beyond what G.711 carries. */
const ours = [500, 1500, 5000];
const theirs = 700;
/** What the phone plays and records, Hz. */
const soundRates = { G722: 16_000, opus: 48_000 } as const;

let media: MediaService;
let endpoint: SipEndpoint;

before(async () => {
  const shared = { clock: systemClock, logger: silentLogger() };
  endpoint = await createSipEndpoint({ ...shared, host, port: 0, random: systemRandom(), userAgent: 'Carillon' });
  const first = await freeUdpRange(40);
  media = await createMediaService({ ...shared, hosts: [host], portRange: { first, last: first + 39 }, threads: 1 });
  media.expectCodecs(['G722', 'opus']);
  const tones = ours.map((frequencyHz) => ({ frequencyHz, durationMs: 400 }));
  await media.loadPrompt({ promptKey: 'ours', pcm: generateTones(tones, 16_000), sampleRate: 16_000 });
});
after(async () => {
  await endpoint?.close(2000);
  await media?.close();
});

/** What came of a call to a phone. */
type Told = {
  readonly remote: RemoteMedia;
  readonly heardThere: Samples;
  readonly heardHere: Int16Array;
  readonly lost: number;
};

/** The phone has no packet time of its own: it is put into both descriptions, so that it is told of ours and we are of its. */
async function call(codecs: readonly CodecName[], codec: 'G722' | 'opus' | undefined, ptimeMs: number): Promise<Told> {
  const soundRate = codec === undefined ? 8000 : soundRates[codec];
  const withPtime = (sdp: string): string => sdp.replace(/a=ptime:\d+/, `a=ptime:${ptimeMs}`);
  const microphone = generateTones([{ frequencyHz: theirs, durationMs: 1000 }], soundRate);
  const phone = await startPhone('3001', { microphone, ...(codec && { codec }) });
  const happened: (OutgoingCallEvent | MediaEvent)[] = [];
  try {
    const session = await media.open((event) => happened.push(event), { captureMs: 10_000 });
    const negotiation = new MediaNegotiation({
      local: { address: host, port: session.localPort, sessionId: 1 },
      codecs,
      dtmf: 'auto',
      encryption: 'none',
      random: systemRandom(),
      signallingHosts: [host],
    });
    const outgoing = endpoint.invite(
      {
        hops: [udpHop({ address: host, port: phone.port })],
        targetUri: `sip:3001@${host}:${phone.port}`,
        from: `<sip:carillon@${host}>`,
        sipCallId: `codecs-${session.localPort}@${host}`,
        offer: withPtime(negotiation.offer()),
        credentials: null,
      },
      (event) => happened.push(event),
    );
    const waitFor = async (type: string): Promise<void> => {
      await until(() => happened.some((event) => event.type === type), {
        what: type,
        timeoutMs: 15_000,
        everyMs: 20,
        detail: () => `${JSON.stringify(happened)}\n${phone.output().slice(-3000)}`,
      });
    };
    await waitFor('answered');
    const answer = happened.find((event) => event.type === 'answered')?.sdp ?? assert.fail('without SDP');
    assert.deepEqual(negotiation.takeAnswer(withPtime(answer)), { isTaken: true });
    const remote = negotiation.remote ?? assert.fail('nothing agreed');
    session.connect(remote);
    session.play('ours', 1);
    await waitFor('first-packet');
    phone.press('7');
    await Promise.all([waitFor('play-ended'), waitFor('digit')]);
    outgoing.hangUp();
    await waitFor('ended');
    const heardHere = await session.captured();
    const { packetsLost } = await session.close();
    await phone.waitForCall('CALL_CLOSED', 5000);
    return { remote, heardThere: await phone.heard(), heardHere, lost: packetsLost };
  } finally {
    await phone.stop();
  }
}

describe('codecs with a real phone', () => {
  const calls: readonly (readonly [codec: 'G722' | 'opus', ptimeMs: number])[] = [
    ['G722', 20],
    ['G722', 10],
    ['G722', 60],
    ['opus', 20],
    ['opus', 40],
  ];
  for (const [codec, ptimeMs] of calls) {
    it(`Audio: ${codec} in packets of ${ptimeMs} ms, sound up to 5 kHz there, theirs here, and a key`, async () => {
      const { remote, heardThere, heardHere, lost } = await call(['opus', 'G722', 'PCMA'], codec, ptimeMs);
      assert.equal(remote.codec, codec);
      assert.equal(remote.ptimeMs, ptimeMs);
      assert.deepEqual(heardTones(heardThere, ours), ours);
      const heard = findTones(heardHere, { sampleRate: 8000, frequenciesHz: [theirs, ...ours] });
      assert.ok(heard.length > 0 && heard.every(({ frequencyHz }) => frequencyHz === theirs), JSON.stringify(heard));
      assert.equal(lost, 0);
    });
  }

  for (const ptimeMs of [10, 30, 40, 60]) {
    it(`Audio: G.711 in packets of ${ptimeMs} ms both ways`, async () => {
      const { remote, heardThere, heardHere } = await call(['PCMA'], undefined, ptimeMs);
      assert.deepEqual([remote.codec, remote.ptimeMs], ['PCMA', ptimeMs]);
      assert.deepEqual(heardTones(heardThere, [500, 1500]), [500, 1500]);
      const heard = findTones(heardHere, { sampleRate: 8000, frequenciesHz: [theirs] });
      // Not all of it, for packets may come too late on a busy machine; but where every second one is missing, it is a third at most.
      const heardMs = heard.reduce((sum, { durationMs }) => sum + durationMs, 0);
      assert.ok(heardMs >= 400 && heardMs >= 0.6 * (heardHere.length / 8), JSON.stringify(heard));
    });
  }
});
