import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readSdp } from './sdp-reader.ts';

type Lines = { session?: string[]; media?: string[] };

function sdp({ session = ['c=IN IP4 10.0.0.9'], media = ['m=audio 4000 RTP/AVP 8 0 96'] }: Lines): string {
  return ['v=0', 'o=- 7 7 IN IP4 10.0.0.9', 's=-', ...session, 't=0 0', ...media, ''].join('\r\n');
}

const audio = 'm=audio 4000 RTP/AVP 8 0 96';

describe('readSdp', () => {
  it('reads codec, address, event payload type, ptime and direction of an ordinary answer', () => {
    const text = sdp({
      media: [audio, 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:96 telephone-event/8000', 'a=fmtp:96 0-15', 'a=ptime:30'],
    });
    assert.deepEqual(readSdp(text, ['PCMU', 'PCMA']), {
      isUsable: true,
      audio: {
        address: '10.0.0.9',
        port: 4000,
        codec: 'PCMA',
        payloadType: 8,
        eventPayloadType: 96,
        ptimeMs: 30,
        direction: 'sendrecv',
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
    ['has no events where none are mapped', sdp({}), { eventPayloadType: null }],
    [
      'does not take an event number that the m= line lacks',
      sdp({ media: ['m=audio 4000 RTP/AVP 8', 'a=rtpmap:101 telephone-event/8000'] }),
      { eventPayloadType: null },
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
    ['reads a description with bare LF', sdp({}).replaceAll('\r\n', '\n'), { port: 4000 }],
  ];
  for (const [name, text, expected] of usable) {
    it(name, () => {
      const reading = readSdp(text, ['PCMA', 'PCMU']);
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
    ['SRTP', sdp({ media: ['m=audio 4000 RTP/SAVP 8'] }), 'unsupported transport RTP/SAVP'],
    ['IPv6', sdp({ session: ['c=IN IP6 ::1'] }), 'no IPv4 media address'],
    ['no c= line', sdp({ session: [] }), 'no IPv4 media address'],
    ['a port that is none', sdp({ media: ['m=audio 70000 RTP/AVP 8'] }), 'bad media port'],
  ];
  for (const [name, text, reason] of refused) {
    it(`refuses ${name}`, () => assert.deepEqual(readSdp(text, ['PCMA', 'PCMU']), { isUsable: false, reason }));
  }

  it('refuses a codec that the trunk does not allow', () => {
    assert.deepEqual(readSdp(sdp({ media: ['m=audio 4000 RTP/AVP 8'] }), ['PCMU']), {
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
        const reading = readSdp(lines.join('\r\n'), ['PCMA', 'PCMU']);
        if (reading.isUsable) {
          assert.match(reading.audio.address, /^\d+\.\d+\.\d+\.\d+$/);
          assert.ok(reading.audio.port > 0 && reading.audio.ptimeMs > 0);
        }
      }),
    );
  });
});
