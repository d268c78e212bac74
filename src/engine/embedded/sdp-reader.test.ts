import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readSdp, type SdpTerms } from './sdp-reader.ts';

type Lines = { session?: string[]; media?: string[] };

function sdp({ session = ['c=IN IP4 10.0.0.9'], media = ['m=audio 4000 RTP/AVP 8 0 96'] }: Lines): string {
  return ['v=0', 'o=- 7 7 IN IP4 10.0.0.9', 's=-', ...session, 't=0 0', ...media, ''].join('\r\n');
}

const audio = 'm=audio 4000 RTP/AVP 8 0 96';
const clear: SdpTerms = { codecs: ['PCMA', 'PCMU'], encryption: 'none', hasEvents: true, family: 4 };
const secure: SdpTerms = { ...clear, encryption: 'sdes' };
const key30 = Buffer.alloc(30, 1).toString('base64');

describe('readSdp', () => {
  it('reads codec, address, event payload type, ptime and direction of an ordinary answer', () => {
    const text = sdp({
      media: [audio, 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:96 telephone-event/8000', 'a=fmtp:96 0-15', 'a=ptime:30'],
    });
    assert.deepEqual(readSdp(text, { ...clear, codecs: ['PCMU', 'PCMA'] }), {
      isUsable: true,
      audio: {
        address: '10.0.0.9',
        port: 4000,
        rtcp: null,
        isRtcpMux: false,
        codec: 'PCMA',
        payloadType: 8,
        events: { payloadType: 96, clockRate: 8000 },
        ptimeMs: 30,
        direction: 'sendrecv',
        crypto: [],
        streams: [{ type: 'audio', protocol: 'RTP/AVP', payloads: '8 0 96', isChosen: true }],
      },
    });
  });

  const usable: [string, string, Record<string, unknown>][] = [
    [
      'takes the media-level c= before the session one',
      sdp({ media: [audio, 'c=IN IP4 10.0.0.7'] }),
      { address: '10.0.0.7' },
    ],
    ['takes a codec without rtpmap by its static number', sdp({}), { codec: 'PCMA', payloadType: 8 }],
    ['follows the far side in the order of codecs', sdp({ media: ['m=audio 4000 RTP/AVP 0 8'] }), { codec: 'PCMU' }],
    [
      'reads a codec by a dynamic number',
      sdp({ media: ['m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 pcmu/8000'] }),
      { codec: 'PCMU', payloadType: 97 },
    ],
    [
      'reads where RTCP goes',
      sdp({ media: [audio, 'a=rtcp:5005 IN IP4 10.0.0.8'] }),
      { rtcp: { address: '10.0.0.8', port: 5005 } },
    ],
    [
      'has RTCP at the address of the audio where only a port is said',
      sdp({ media: [audio, 'c=IN IP4 10.0.0.7', 'a=rtcp:5005'] }),
      { rtcp: { address: '10.0.0.7', port: 5005 } },
    ],
    ['passes over a bad port of RTCP', sdp({ media: [audio, 'a=rtcp:99999'] }), { rtcp: null }],
    ['passes over a name for RTCP', sdp({ media: [audio, 'a=rtcp:5005 IN IP4 host.example'] }), { rtcp: null }],
    ['passes over RTCP in another family', sdp({ media: [audio, 'a=rtcp:5005 IN IP6 2001:db8::1'] }), { rtcp: null }],
    ['reads that RTCP can be on the port of RTP', sdp({ media: [audio, 'a=rtcp-mux'] }), { isRtcpMux: true }],
    ['has no events where none are mapped', sdp({}), { events: null }],
    [
      'does not take an event number that the m= line lacks',
      sdp({ media: ['m=audio 4000 RTP/AVP 8', 'a=rtpmap:101 telephone-event/8000'] }),
      { events: null },
    ],
    [
      'reads a direction at session level',
      sdp({ session: ['c=IN IP4 10.0.0.9', 'a=sendonly'] }),
      { direction: 'sendonly' },
    ],
    [
      'prefers the direction of the stream',
      sdp({ session: ['c=IN IP4 10.0.0.9', 'a=sendonly'], media: [audio, 'a=inactive'] }),
      { direction: 'inactive' },
    ],
    ['reads 0.0.0.0 as hold', sdp({ session: ['c=IN IP4 0.0.0.0'] }), { direction: 'sendonly', address: '0.0.0.0' }],
    [
      'passes over a refused first audio stream',
      sdp({ media: ['m=audio 0 RTP/AVP 8', 'm=audio 4002 RTP/AVP 0'] }),
      { port: 4002 },
    ],
    [
      'takes a stream with feedback, and passes over ICE candidates and a=rtcp',
      sdp({
        media: [
          'm=audio 4000 RTP/AVPF 8',
          'a=rtcp:4017 IN IP4 10.0.0.77',
          'a=ice-ufrag:abcd',
          'a=candidate:1 1 UDP 2130706431 10.0.0.78 5555 typ host',
          'a=rtcp-fb:* nack',
        ],
      }),
      { address: '10.0.0.9', port: 4000, streams: [{ protocol: 'RTP/AVPF' }] },
    ],
    [
      'takes the stream in clear of two, and reads no keys for it',
      sdp({
        media: [
          `m=audio 4000 RTP/SAVP 8`,
          `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key30}`,
          'm=audio 4002 RTP/AVP 8',
        ],
      }),
      { port: 4002, crypto: [], streams: [{ isChosen: false }, { isChosen: true }] },
    ],
    ['reads a description with bare LF', sdp({}).replaceAll('\r\n', '\n'), { port: 4000 }],
  ];
  for (const [name, text, expected] of usable) {
    it(name, () => {
      const reading = readSdp(text, clear);
      assert.ok(reading.isUsable, 'usable');
      assert.partialDeepStrictEqual(reading.audio, expected);
    });
  }

  const refused: [string, string, string][] = [
    ['no media at all', sdp({ media: [] }), 'no media described'],
    ['port 0', sdp({ media: ['m=audio 0 RTP/AVP 8'] }), 'audio refused'],
    ['only video', sdp({ media: ['m=video 4000 RTP/AVP 99'] }), 'audio refused'],
    [
      'a codec we do not speak',
      sdp({ media: ['m=audio 4000 RTP/AVP 18', 'a=rtpmap:18 G729/8000'] }),
      'no common codec',
    ],
    ['a wideband rate', sdp({ media: ['m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 PCMA/16000'] }), 'no common codec'],
    [
      'SRTP where it was not asked for',
      sdp({ media: ['m=audio 4000 RTP/SAVP 8'] }),
      'encrypted audio (RTP/SAVP) where none was asked for',
    ],
    [
      'SRTP with keys from DTLS',
      sdp({ media: ['m=audio 4000 UDP/TLS/RTP/SAVPF 8'] }),
      'unsupported transport UDP/TLS/RTP/SAVPF',
    ],
    ['the other family', sdp({ session: ['c=IN IP6 ::1'] }), 'media address ::1 is not IPv4 as ours is'],
    [
      'a name for an address',
      sdp({ session: ['c=IN IP4 media.example'] }),
      'media address is not an IP address: media.example',
    ],
    [
      'a multicast address with its lifetime',
      sdp({ session: ['c=IN IP4 224.2.1.1/127'] }),
      'media address is not an IP address: 224.2.1.1/127',
    ],
    ['no c= line', sdp({ session: [] }), 'no media address'],
    ['a port that is none', sdp({ media: ['m=audio 70000 RTP/AVP 8'] }), 'bad media port'],
  ];
  for (const [name, text, reason] of refused) {
    it(`refuses ${name}`, () => assert.deepEqual(readSdp(text, clear), { isUsable: false, reason }));
  }

  it('reads IPv6 in whatever spelling, where our side has it', () => {
    const read = (lines: string[]) => readSdp(sdp({ session: lines }), { ...clear, family: 6 });
    const reading = read(['c=IN IP6 2001:DB8:0:0::9']);
    assert.ok(reading.isUsable);
    assert.equal(reading.audio.address, '2001:db8::9');
    const held = read(['c=IN IP6 ::']);
    assert.ok(held.isUsable && held.audio.direction === 'sendonly');
    for (const [line, reason] of [
      ['c=IN IP4 10.0.0.9', 'media address 10.0.0.9 is not IPv6 as ours is'],
      ['c=IN IP6 fe80::1%eth0', 'media address with a zone: fe80::1%eth0'],
    ] as const) {
      assert.deepEqual(read([line]), { isUsable: false, reason });
    }
  });

  describe('with keys', () => {
    const stream = (...crypto: string[]) =>
      readSdp(sdp({ media: ['m=audio 4000 RTP/SAVP 8', ...crypto.map((value) => `a=crypto:${value}`)] }), secure);
    const suite = 'AES_CM_128_HMAC_SHA1_80';

    it('reads every usable attribute in order, with its tag, and passes over the others', () => {
      const reading = stream(
        `5 F8_128_HMAC_SHA1_80 inline:${key30}`,
        `1 ${suite} inline:${key30}|2^20`,
        `2 AEAD_AES_128_GCM inline:${Buffer.alloc(28, 2).toString('base64')} WSH=64`,
        `3 ${suite} inline:${key30} UNENCRYPTED_SRTCP`,
      );
      assert.ok(reading.isUsable);
      assert.deepEqual(reading.audio.crypto, [
        { tag: 1, key: { suite, masterKey: Buffer.alloc(30, 1) } },
        { tag: 2, key: { suite: 'AEAD_AES_128_GCM', masterKey: Buffer.alloc(28, 2) } },
      ]);
    });

    it('takes the keys of the stream that it takes', () => {
      const text = sdp({
        media: [
          'm=audio 4000 RTP/AVP 8',
          `a=crypto:8 ${suite} inline:${key30}`,
          'm=audio 4002 RTP/SAVPF 8',
          `a=crypto:9 ${suite} inline:${key30}`,
        ],
      });
      const reading = readSdp(text, secure);
      assert.ok(reading.isUsable);
      assert.deepEqual([reading.audio.port, reading.audio.crypto.map(({ tag }) => tag)], [4002, [9]]);
    });

    const unusable: [string, string[], string][] = [
      ['no key', [], 'encrypted audio without a crypto attribute'],
      ['an unknown suite', [`1 F8_128_HMAC_SHA1_80 inline:${key30}`], 'unknown crypto suite F8_128_HMAC_SHA1_80'],
      ['a master key identifier', [`1 ${suite} inline:${key30}|2^20|1:4`], 'unsupported crypto master key identifier'],
      ['one without a lifetime', [`1 ${suite} inline:${key30}|1:4`], 'unsupported crypto master key identifier'],
      ['several keys', [`1 ${suite} inline:${key30}|1:4;inline:${key30}|2:4`], 'several keys in one crypto attribute'],
      [
        'a session parameter behind one that is a hint',
        [`1 ${suite} inline:${key30} WSH=128 UNAUTHENTICATED_SRTP`],
        'unsupported crypto parameter UNAUTHENTICATED_SRTP',
      ],
      ['a derivation rate', [`1 ${suite} inline:${key30} KDR=1`], 'unsupported crypto parameter KDR'],
      ['a short key', [`1 ${suite} inline:${key30.slice(4)}`], `crypto key of another length than ${suite} has`],
      ['no key at all', [`1 ${suite} uri:${key30}`], `crypto key of another length than ${suite} has`],
      ['no tag', [`${suite} inline:${key30}`], 'crypto attribute without a tag'],
    ];
    for (const [name, crypto, reason] of unusable) {
      it(`refuses ${name}, without a word of the key`, () => {
        assert.deepEqual(stream(...crypto), { isUsable: false, reason });
      });
    }

    it('refuses audio in clear, with or without keys', () => {
      for (const line of ['a=ptime:20', `a=crypto:1 ${suite} inline:${key30}`]) {
        const reading = readSdp(sdp({ media: ['m=audio 4000 RTP/AVP 8', line] }), secure);
        assert.deepEqual(reading, {
          isUsable: false,
          reason: 'audio in clear (RTP/AVP) where encryption is required',
        });
      }
    });
  });

  it('refuses a codec that the trunk does not allow', () => {
    assert.deepEqual(readSdp(sdp({ media: ['m=audio 4000 RTP/AVP 8'] }), { ...clear, codecs: ['PCMU'] }), {
      isUsable: false,
      reason: 'no common codec',
    });
  });

  it('never throws and never gives an address that is none, whatever the text', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'v=0',
        'm=audio 1 RTP/AVP 8',
        'c=IN IP4 1.2.3',
        'a=rtpmap:8',
        'a=rtpmap:x y/z',
        'm=audio x y z',
        'a=ptime:-1',
        'm=audio 9 RTP/AVP',
      ),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const reading = readSdp(lines.join('\r\n'), clear);
        if (reading.isUsable) {
          assert.match(reading.audio.address, /^\d+\.\d+\.\d+\.\d+$/);
          assert.ok(reading.audio.port > 0 && reading.audio.ptimeMs > 0);
        }
      }),
    );
  });

  it('leaves out events that are not wanted', () => {
    const reading = readSdp(sdp({ media: [audio, 'a=rtpmap:96 telephone-event/8000'] }), {
      ...clear,
      hasEvents: false,
    });
    assert.ok(reading.isUsable);
    assert.equal(reading.audio.events, null);
  });
});
