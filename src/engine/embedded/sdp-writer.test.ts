import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSdp } from './sdp-reader.ts';
import { answeredDirection, writeAnswer, writeOffer } from './sdp-writer.ts';

const local = { address: '10.1.2.3', port: 20002, sessionId: 42 };

describe('writeOffer', () => {
  it('offers the codecs in the order of the trunk, events and 20 ms', () => {
    assert.equal(
      writeOffer(local, ['PCMU', 'PCMA']),
      [
        'v=0',
        'o=- 42 1 IN IP4 10.1.2.3',
        's=-',
        'c=IN IP4 10.1.2.3',
        't=0 0',
        'm=audio 20002 RTP/AVP 0 8 101',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-16',
        'a=ptime:20',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  it('is read back as it was meant', () => {
    const reading = readSdp(writeOffer(local, ['PCMA', 'PCMU']), ['PCMA', 'PCMU']);
    assert.ok(reading.isUsable);
    assert.partialDeepStrictEqual(reading.audio, {
      address: '10.1.2.3',
      port: 20002,
      codec: 'PCMA',
      eventPayloadType: 101,
    });
  });
});

describe('writeAnswer', () => {
  const offer = [
    'v=0',
    'o=- 1 2 IN IP4 10.0.0.9',
    's=-',
    'c=IN IP4 10.0.0.9',
    't=0 0',
    'm=video 5000 RTP/AVP 99',
    'm=audio 4000 RTP/AVP 97 98',
    'a=rtpmap:97 PCMA/8000',
    'a=rtpmap:98 telephone-event/8000',
    'a=sendonly',
    '',
  ].join('\r\n');

  it('answers every stream, refuses all but the audio, keeps the payload types of the offer', () => {
    const reading = readSdp(offer, ['PCMA']);
    assert.ok(reading.isUsable);
    const lines = writeAnswer(local, reading.audio, 2).split('\r\n');
    assert.deepEqual(lines.slice(1, 2), ['o=- 42 2 IN IP4 10.1.2.3']);
    assert.deepEqual(lines.slice(5), [
      'm=video 0 RTP/AVP 99',
      'm=audio 20002 RTP/AVP 97 98',
      'a=rtpmap:97 PCMA/8000',
      'a=rtpmap:98 telephone-event/8000',
      'a=fmtp:98 0-16',
      'a=ptime:20',
      'a=recvonly',
      '',
    ]);
  });

  it('leaves events out where the offer has none', () => {
    const reading = readSdp(offer.replace('97 98', '97').replace(/a=rtpmap:98.*\r\n/, ''), ['PCMA']);
    assert.ok(reading.isUsable);
    assert.ok(!writeAnswer(local, reading.audio, 2).includes('telephone-event'));
  });
});

describe('answeredDirection', () => {
  it('mirrors what is offered', () => {
    assert.deepEqual((['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const).map(answeredDirection), [
      'sendrecv',
      'recvonly',
      'sendonly',
      'inactive',
    ]);
  });
});
