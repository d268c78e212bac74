import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MediaNegotiation } from '../../src/engine/embedded/media-negotiation.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { findTones, generateTones } from '../../src/telephony/audio/tones.ts';
import { createMediaService } from '../../src/telephony/rtp/media-service.ts';
import type { MediaEvent, MediaService } from '../../src/telephony/rtp/media-types.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import type { OutgoingCallEvent, SipEndpoint } from '../../src/telephony/sip/endpoint-types.ts';
import { udpHop } from '../../src/telephony/sip/transport/hop.ts';
import { type Phone, startPhone } from '../support/baresip.ts';
import { freeUdpRange } from '../support/free-port.ts';
import { heardTones } from '../support/tone.ts';
import { until } from '../support/until.ts';

const host = '127.0.0.1';
const ours = [500, 900, 1500];
const theirs = 700;

let phone: Phone;
let plainPhone: Phone;
let media: MediaService;
let endpoint: SipEndpoint;

before(async () => {
  const microphone = generateTones([{ frequencyHz: theirs, durationMs: 1000 }], 8000);
  phone = await startPhone('2001', { microphone, requiresSrtp: true });
  plainPhone = await startPhone('2002');
  const shared = { clock: systemClock, logger: silentLogger() };
  endpoint = await createSipEndpoint({ ...shared, host, port: 0, random: systemRandom(), userAgent: 'Carillon' });
  const first = await freeUdpRange(20);
  media = await createMediaService({ ...shared, hosts: [host], portRange: { first, last: first + 19 }, threads: 1 });
  const tones = ours.map((frequencyHz) => ({ frequencyHz, durationMs: 400 }));
  await media.loadPrompt({ promptKey: 'ours', pcm: generateTones(tones, 16_000), sampleRate: 16_000 });
});
after(async () => {
  await endpoint?.close(2000);
  await media?.close();
  await phone?.stop();
  await plainPhone?.stop();
});

/** A call with everything that happened in it. */
async function call(number: string, port: number, edit: (offer: string) => string) {
  const happened: (OutgoingCallEvent | MediaEvent)[] = [];
  const session = await media.open((event) => happened.push(event), { captureMs: 10_000 });
  const negotiation = new MediaNegotiation({
    local: { address: host, port: session.localPort, sessionId: 1 },
    codecs: ['PCMA'],
    dtmf: 'auto',
    encryption: 'sdes',
    random: systemRandom(),
    signallingHosts: [host],
  });
  const outgoing = endpoint.invite(
    {
      hops: [udpHop({ address: host, port })],
      targetUri: `sip:${number}@${host}:${port}`,
      from: `<sip:carillon@${host}>`,
      sipCallId: `${number}-${session.localPort}@${host}`,
      offer: edit(negotiation.offer()),
      credentials: null,
    },
    (event) => {
      happened.push(event);
      if (event.type === 'offer') event.answer(answerAgain(event.sdp));
    },
  );
  function answerAgain(sdp: string): string | null {
    const answered = negotiation.answer(sdp);
    if (negotiation.remote !== null) session.connect(negotiation.remote);
    return answered.isTaken ? answered.answer : null;
  }
  const waitFor = async (type: string): Promise<void> => {
    await until(() => happened.some((event) => event.type === type), {
      what: type,
      timeoutMs: 10_000,
      everyMs: 20,
      detail: () => `${JSON.stringify(happened)}\n${phone.output().slice(-3000)}`,
    });
  };
  return { session, negotiation, outgoing, happened, waitFor };
}

describe('SRTP with a real phone', () => {
  for (const [calls, suite] of ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'].entries()) {
    it(`SRTP: audio both ways and key presses, with ${suite}`, async () => {
      const onlyThis = (offer: string): string => offer.replace(new RegExp(`a=crypto:\\d (?!${suite}).*\r\n`, 'g'), '');
      const { session, negotiation, outgoing, happened, waitFor } = await call('2001', phone.port, onlyThis);
      await waitFor('answered');
      const answer = happened.find((event) => event.type === 'answered')?.sdp ?? assert.fail('without SDP');
      assert.deepEqual(negotiation.takeAnswer(answer), { isTaken: true });
      const remote = negotiation.remote ?? assert.fail('nothing agreed');
      assert.equal(remote.srtp?.receive.suite, suite);
      session.connect(remote);
      session.play('ours', 1);
      await waitFor('first-packet');
      phone.press('7');
      await Promise.all([waitFor('play-ended'), waitFor('digit')]);
      outgoing.hangUp();
      await waitFor('ended');
      const heard = findTones(await session.captured(), { sampleRate: 8000, frequenciesHz: [theirs, ...ours] });
      assert.ok(heard.length > 0 && heard.every(({ frequencyHz }) => frequencyHz === theirs), JSON.stringify(heard));
      const { packetsLost } = await session.close();
      assert.equal(packetsLost, 0);
      await phone.waitForCall('CALL_CLOSED', 5000, calls + 1);
      assert.deepEqual(heardTones(await phone.heard(), ours), ours);
    });
  }

  it('SRTP: a call goes on under its keys after a hold', async () => {
    const { session, negotiation, outgoing, happened, waitFor } = await call('2001', phone.port, (offer) => offer);
    await waitFor('answered');
    const answer = happened.find((event) => event.type === 'answered')?.sdp ?? assert.fail('without SDP');
    assert.ok(negotiation.takeAnswer(answer).isTaken);
    const agreed = negotiation.remote ?? assert.fail('nothing agreed');
    session.connect(agreed);
    await waitFor('first-packet');
    phone.hold(true);
    await until(() => negotiation.remote?.canSend === false, { what: 'the hold', timeoutMs: 5000 });
    session.play('ours', 1);
    phone.hold(false);
    // Our prompt has waited meanwhile. What the phone hears of it is not asked: its recording ends with the hold.
    await waitFor('play-ended');
    assert.deepEqual(negotiation.remote?.srtp, agreed.srtp);
    phone.press('8');
    await waitFor('digit');
    outgoing.hangUp();
    await waitFor('ended');
    await session.close();
    assert.doesNotMatch(phone.output(), /failed to decrypt/);
  });

  it('SRTP: a phone without it refuses our offer, and is not called in the clear', async () => {
    const { session, happened, waitFor } = await call('2002', plainPhone.port, (offer) => offer);
    await waitFor('ended');
    assert.deepEqual(
      happened.flatMap((event) => (event.type === 'ended' ? [event.end.status] : [])),
      [488],
    );
    await session.close();
  });
});
