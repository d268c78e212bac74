import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSdp, type SdpTerms } from './sdp-reader.ts';
import { answeredDirection, writeAnswer, writeOffer } from './sdp-writer.ts';

const terms: SdpTerms = { codecs: ['PCMA', 'PCMU'], encryption: 'none', hasEvents: true, family: 4 };
const key = { suite: 'AES_CM_128_HMAC_SHA1_80', masterKey: Buffer.alloc(30, 0xff) } as const;
const keyLine = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'/'.repeat(40)}`;
const local = { address: '10.1.2.3', port: 20002, sessionId: 42 };

describe('writeOffer', () => {
  it('offers the codecs in the order of the trunk, events and 20 ms', () => {
    assert.equal(
      writeOffer(local, { codecs: ['PCMU', 'PCMA'], crypto: [], hasEvents: true, isRtcpMux: false }, 1),
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
        'a=maxptime:60',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  it('offers no events where keys travel otherwise', () => {
    const offer = writeOffer(local, { codecs: ['PCMA'], crypto: [], hasEvents: false, isRtcpMux: false }, 1);
    assert.ok(
      offer.endsWith(
        'm=audio 20002 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\na=maxptime:60\r\na=sendrecv\r\n',
      ),
    );
  });

  it('is read back as it was meant', () => {
    const reading = readSdp(
      writeOffer(local, { codecs: ['PCMA', 'PCMU'], crypto: [], hasEvents: true, isRtcpMux: false }, 1),
      terms,
    );
    assert.ok(reading.isUsable);
    assert.partialDeepStrictEqual(reading.audio, {
      address: '10.1.2.3',
      port: 20002,
      codec: 'PCMA',
      events: { payloadType: 101, clockRate: 8000 },
    });
  });

  it('offers keys in the profile that needs them, and counts its version', () => {
    const crypto = [{ tag: 1, key }];
    const offer = writeOffer(local, { codecs: ['PCMA'], crypto, hasEvents: true, isRtcpMux: false }, 3);
    assert.match(offer, /^v=0\r\no=- 42 3 IN IP4 10\.1\.2\.3\r\n/);
    assert.ok(offer.includes(`m=audio 20002 RTP/SAVP 8 101\r\n${keyLine}\r\na=rtpmap:8`));
    const reading = readSdp(offer, { ...terms, encryption: 'sdes' });
    assert.ok(reading.isUsable);
    assert.deepEqual(reading.audio.crypto, crypto);
  });

  it('asks for RTCP on the port of RTP only where that was agreed on', () => {
    const offer = (isRtcpMux: boolean) =>
      writeOffer(local, { codecs: ['PCMA'], crypto: [], hasEvents: true, isRtcpMux }, 1);
    assert.ok(!offer(false).includes('rtcp'));
    assert.ok(offer(true).endsWith('a=sendrecv\r\na=rtcp-mux\r\n'));
  });

  it('has an IPv6 address in both places', () => {
    const offer = writeOffer(
      { ...local, address: '2001:db8::1' },
      { codecs: ['PCMA'], crypto: [], hasEvents: true, isRtcpMux: false },
      1,
    );
    assert.deepEqual(
      offer.split('\r\n').filter((line) => line.includes('IN IP')),
      ['o=- 42 1 IN IP6 2001:db8::1', 'c=IN IP6 2001:db8::1'],
    );
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
    const reading = readSdp(offer, terms);
    assert.ok(reading.isUsable);
    const lines = writeAnswer(local, { remote: reading.audio, crypto: null }, 2).split('\r\n');
    assert.deepEqual(lines.slice(1, 2), ['o=- 42 2 IN IP4 10.1.2.3']);
    assert.deepEqual(lines.slice(5), [
      'm=video 0 RTP/AVP 99',
      'm=audio 20002 RTP/AVP 97 98',
      'a=rtpmap:97 PCMA/8000',
      'a=rtpmap:98 telephone-event/8000',
      'a=fmtp:98 0-16',
      'a=ptime:20',
      'a=maxptime:60',
      'a=recvonly',
      '',
    ]);
  });

  it('leaves events out where the offer has none', () => {
    const reading = readSdp(offer.replace('97 98', '97').replace(/a=rtpmap:98.*\r\n/, ''), terms);
    assert.ok(reading.isUsable);
    assert.ok(!writeAnswer(local, { remote: reading.audio, crypto: null }, 2).includes('telephone-event'));
  });
});

describe('writeAnswer with a key', () => {
  it('has the profile of the offer, the tag that it takes and our key', () => {
    const offer = [
      'v=0',
      'o=- 1 2 IN IP4 10.0.0.9',
      's=-',
      'c=IN IP4 10.0.0.9',
      't=0 0',
      'm=audio 4000 RTP/SAVPF 8',
      `a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}`,
      '',
    ].join('\r\n');
    const reading = readSdp(offer, { ...terms, encryption: 'sdes' });
    assert.ok(reading.isUsable);
    const answer = writeAnswer(local, { remote: reading.audio, crypto: { tag: 7, key } }, 1);
    const streamLines = answer.split('\r\n').slice(5);
    assert.deepEqual(streamLines.slice(0, 2), ['m=audio 20002 RTP/SAVPF 8', keyLine.replace(':1 ', ':7 ')]);
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
