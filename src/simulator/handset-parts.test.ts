import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { generateTones } from '../telephony/audio/tones.ts';
import { createRtpHeader, parseRtp, prepareRtp, rtpHeaderBytes, stampRtp } from '../telephony/rtp/rtp-packet.ts';
import { parseTelephoneEvent } from '../telephony/rtp/telephone-event.ts';
import { createHandsetCodecs, Ear } from './ear.ts';
import { readOffer, writeHandsetAnswer } from './handset-sdp.ts';
import { Mouth } from './mouth.ts';

const codecs = createHandsetCodecs();

function packetOf(payload: Uint8Array, payloadType: number): Uint8Array {
  const packet = new Uint8Array(rtpHeaderBytes + payload.length);
  prepareRtp(packet, 1);
  stampRtp(packet, payloadType, 0, 0);
  packet.set(payload, rtpHeaderBytes);
  return packet;
}

describe('Ear', () => {
  const tone = new Uint8Array(160);
  codecs.PCMA.encode(generateTones([{ frequencyHz: 400, durationMs: 20 }], 8000), tone);
  const silence = new Uint8Array(160).fill(codecs.PCMA.silence);

  it('counts packets, tells sound from silence, says once when sound begins', () => {
    let begun = 0;
    const ear = new Ear(codecs.PCMA, 8, () => {
      begun += 1;
    });
    ear.hear(packetOf(silence, 8));
    assert.equal(begun, 0);
    ear.hear(packetOf(tone, 8));
    ear.hear(packetOf(tone, 8));
    assert.deepEqual([begun, ear.heard], [1, { packets: 3, soundPackets: 2 }]);
  });

  it('does not count other payload types, garbage and empty packets as sound', () => {
    const ear = new Ear(codecs.PCMA, 8, () => assert.fail('no sound here'));
    ear.hear(packetOf(tone, 0));
    ear.hear(new Uint8Array([1, 2, 3]));
    ear.hear(packetOf(new Uint8Array(0), 8));
    assert.deepEqual(ear.heard, { packets: 1, soundPackets: 0 });
  });
});

describe('Mouth', () => {
  const create = (eventPayloadType: number | null) =>
    new Mouth({ codec: codecs.PCMU, payloadType: 0, eventPayloadType, ssrc: 77 });

  function read(packet: Uint8Array | null) {
    const header = createRtpHeader();
    assert.ok(packet !== null && parseRtp(packet, header));
    return { header, event: parseTelephoneEvent(packet, header.payloadStart, header.payloadEnd) };
  }

  it('greets for 300 ms, marked at the beginning, and is silent then', () => {
    const mouth = create(101);
    const packets = Array.from({ length: 20 }, (_, tick) => mouth.packetAt(tick));
    assert.equal(packets.filter((packet) => packet !== null).length, 15);
    assert.ok(packets.slice(15).every((packet) => packet === null));
    assert.partialDeepStrictEqual(read(packets[0] ?? null).header, {
      isMarked: true,
      payloadType: 0,
      timestamp: 0,
      ssrc: 77,
    });
    assert.partialDeepStrictEqual(read(packets[1] ?? null).header, { isMarked: false, sequence: 1, timestamp: 160 });
    let sounds = 0;
    const ear = new Ear(codecs.PCMU, 0, () => {
      sounds += 1;
    });
    for (const packet of packets) if (packet !== null) ear.hear(packet);
    assert.deepEqual([sounds, ear.heard.soundPackets], [1, 15]);
  });

  it('presses a key as one event with three end packets', () => {
    const mouth = create(101);
    assert.equal(mouth.press('5'), true);
    const events = Array.from({ length: 10 }, (_, tick) => read(mouth.packetAt(tick + 100)));
    assert.ok(
      events.every(
        ({ header, event }) => header.payloadType === 101 && header.timestamp === 16_000 && event?.event === 5,
      ),
    );
    assert.deepEqual(events.map(({ header }) => header.isMarked).indexOf(true), 0);
    assert.deepEqual(events.map(({ event }) => event?.isEnd).lastIndexOf(false), 6);
    assert.equal(mouth.packetAt(110), null);
  });

  it('cannot press what was not negotiated or is no key', () => {
    assert.equal(create(null).press('5'), false);
    assert.equal(create(101).press('x'), false);
  });
});

describe('handset descriptions', () => {
  const offer = [
    'v=0',
    'o=- 1 1 IN IP4 10.0.0.1',
    's=-',
    'c=IN IP4 10.0.0.1',
    't=0 0',
    'm=audio 20000 RTP/AVP 18 8 101',
    'a=rtpmap:101 telephone-event/8000',
    '',
  ].join('\r\n');

  it('takes the first G.711 codec offered and the event number of the caller', () => {
    assert.deepEqual(readOffer(offer), {
      remote: { address: '10.0.0.1', port: 20000 },
      law: 'PCMA',
      payloadType: 8,
      eventPayloadType: 101,
    });
  });

  it('refuses an offer without G.711 or without audio', () => {
    assert.equal(readOffer(offer.replace('18 8 101', '18 101')), null);
    assert.equal(readOffer('v=0\r\n'), null);
  });

  it('answers with an event number of its own', () => {
    const read = readOffer(offer);
    assert.ok(read !== null);
    const answer = writeHandsetAnswer({ address: '10.0.0.2', port: 30000 }, read, 5);
    assert.match(answer, /c=IN IP4 10\.0\.0\.2\r\n/);
    assert.match(answer, /m=audio 30000 RTP\/AVP 8 96\r\n/);
    assert.match(answer, /a=rtpmap:96 telephone-event\/8000\r\n/);
  });
});
