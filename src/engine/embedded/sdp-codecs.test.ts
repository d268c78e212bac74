import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CodecName } from '../../call/engine.ts';
import { seededRandom } from '../../lib/random.ts';
import { MediaNegotiation } from './media-negotiation.ts';

/** One side of a call. */
function side(codecs: readonly CodecName[], address = '10.0.0.1'): MediaNegotiation {
  return new MediaNegotiation({
    local: { address, port: 20_000, sessionId: 1 },
    codecs,
    dtmf: 'auto',
    encryption: 'none',
    random: seededRandom(1),
    signallingHosts: [],
  });
}

function description(payloads: string, ...lines: readonly string[]): string {
  const head = ['v=0', 'o=- 1 1 IN IP4 10.0.0.9', 's=-', 'c=IN IP4 10.0.0.9', 't=0 0'];
  return [...head, `m=audio 4000 RTP/AVP ${payloads}`, ...lines, ''].join('\r\n');
}

/** What is agreed on after our offer of `codecs` was answered so. */
function agreed(codecs: readonly CodecName[], answer: string): NonNullable<MediaNegotiation['remote']> {
  const ours = side(codecs);
  ours.offer();
  assert.deepEqual(ours.takeAnswer(answer), { isTaken: true });
  return ours.remote ?? assert.fail('nothing agreed');
}

const opus = 'a=rtpmap:111 opus/48000/2';

describe('codecs in session descriptions', () => {
  it('are offered in the order of the trunk, each with its clock, events in both clocks where Opus is', () => {
    const lines = side(['opus', 'G722', 'PCMA']).offer().split('\r\n');
    assert.deepEqual(lines.slice(5), [
      'm=audio 20000 RTP/AVP 107 9 8 101 102',
      'a=rtpmap:107 opus/48000/2',
      'a=fmtp:107 maxplaybackrate=8000;sprop-maxcapturerate=16000;useinbandfec=1',
      'a=rtpmap:9 G722/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=rtpmap:102 telephone-event/48000',
      'a=fmtp:102 0-16',
      'a=ptime:20',
      'a=maxptime:60',
      'a=sendrecv',
      '',
    ]);
    assert.doesNotMatch(side(['G722', 'PCMA']).offer(), /48000| 102/);
  });

  it('of an answer: the first one is sent, with their number, and any of ours is heard, with ours', () => {
    const remote = agreed(['PCMA', 'opus', 'G722'], description('111 9', opus));
    assert.partialDeepStrictEqual(remote, { codec: 'opus', payloadType: 111 });
    assert.deepEqual(remote.ownPayloads, [
      { codec: 'PCMA', payloadType: 8 },
      { codec: 'opus', payloadType: 107 },
      { codec: 'G722', payloadType: 9 },
    ]);
    assert.partialDeepStrictEqual(agreed(['opus', 'G722'], description('9')), { codec: 'G722', payloadType: 9 });
  });

  it('are taken from an offer in its order, and answered with its numbers', () => {
    const ours = side(['PCMA', 'opus']);
    const answered = ours.answer(
      description('9 96 8 97', 'a=rtpmap:96 OPUS/48000/2', 'a=rtpmap:97 telephone-event/48000'),
    );
    assert.ok(answered.isTaken);
    assert.deepEqual(answered.answer.split('\r\n').slice(5), [
      'm=audio 20000 RTP/AVP 96 97',
      'a=rtpmap:96 opus/48000/2',
      'a=fmtp:96 maxplaybackrate=8000;sprop-maxcapturerate=16000;useinbandfec=1',
      'a=rtpmap:97 telephone-event/48000',
      'a=fmtp:97 0-16',
      'a=ptime:20',
      'a=maxptime:60',
      'a=sendrecv',
      '',
    ]);
    assert.partialDeepStrictEqual(ours.remote, {
      codec: 'opus',
      ownPayloads: [{ codec: 'opus', payloadType: 96 }],
      eventPayloadType: 97,
      ownEventPayloadType: 97,
      eventClockRate: 48_000,
    });
  });

  it('change with a later offer, and back', () => {
    const ours = side(['PCMA', 'G722', 'opus']);
    ours.offer();
    assert.ok(ours.takeAnswer(description('8')).isTaken);
    for (const [payloads, codec] of [
      ['111', 'opus'],
      ['9', 'G722'],
      ['8', 'PCMA'],
    ] as const) {
      assert.ok(ours.answer(description(payloads, opus)).isTaken);
      assert.equal(ours.remote?.codec, codec);
    }
  });

  const events: readonly (readonly [string, string[], number | null, number, number])[] = [
    [
      'the clock of the codec',
      ['a=rtpmap:101 telephone-event/8000', 'a=rtpmap:102 telephone-event/48000'],
      102,
      102,
      48_000,
    ],
    ['the only clock that they have', ['a=rtpmap:101 telephone-event/8000'], 101, 101, 8000],
    [
      'their numbers for us, ours for them',
      ['a=rtpmap:102 telephone-event/48000', 'a=rtpmap:101 x/8000'],
      102,
      102,
      48_000,
    ],
    ['no clock that we do not offer', ['a=rtpmap:101 telephone-event/16000'], null, 101, 8000],
  ];
  for (const [name, lines, theirs, own, clockRate] of events) {
    it(`events with Opus: ${name}`, () => {
      assert.partialDeepStrictEqual(agreed(['opus'], description('111 101 102', opus, ...lines)), {
        eventPayloadType: theirs,
        ownEventPayloadType: own,
        eventClockRate: clockRate,
      });
    });
  }

  const times: readonly (readonly [lines: string[], ptimeMs: number])[] = [
    [[], 20],
    [['a=ptime:10'], 10],
    [['a=ptime:30'], 30],
    [['a=ptime:60', 'a=maxptime:150'], 60],
    [['a=ptime:60', 'a=maxptime:40'], 40],
    [['a=maxptime:10'], 10],
    [['a=ptime:5'], 10],
    [['a=ptime:120'], 60],
    [['a=ptime:0', 'a=maxptime:0'], 20],
  ];
  for (const [lines, ptimeMs] of times) {
    it(`packets of ${ptimeMs} ms after ${lines.join(' ') || 'no wish'}`, () => {
      assert.equal(agreed(['PCMA'], description('8', ...lines)).ptimeMs, ptimeMs);
      const answered = side(['PCMA']).answer(description('8', ...lines));
      assert.ok(answered.isTaken);
      assert.match(answered.answer, new RegExp(`a=ptime:${ptimeMs}\r\n`));
    });
  }

  it('are not taken in another clock, nor Opus without a mapping', () => {
    for (const text of [
      description('9', 'a=rtpmap:9 G722/16000'),
      description('111', 'a=rtpmap:111 opus/8000'),
      description('107'),
    ]) {
      const ours = side(['G722', 'opus']);
      ours.offer();
      assert.deepEqual(ours.takeAnswer(text), { isTaken: false, problem: 'no common codec' });
    }
  });
});
