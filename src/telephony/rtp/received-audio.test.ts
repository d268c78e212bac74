import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { createG711Codec } from '../audio/g711.ts';
import { encodeOpus } from '../audio/opus-encoder.ts';
import { generateTones } from '../audio/tones.ts';
import { Capture } from './capture.ts';
import { type AudioListener, ReceivedAudio, type ReceivedCodec, type ReceivedCodecs } from './received-audio.ts';
import { createThreadCodecs } from './received-codecs.ts';
import { createRtpHeader } from './rtp-packet.ts';

const aLaw = createG711Codec('PCMA');
const uLaw = createG711Codec('PCMU');
const threadCodecs = createThreadCodecs({ PCMA: aLaw, PCMU: uLaw });
const codecs: ReceivedCodecs = new Map<number, ReceivedCodec | 'comfort-noise'>([
  [0, threadCodecs.PCMU],
  [8, threadCodecs.PCMA],
  [13, 'comfort-noise'],
]);

type Packet = {
  readonly sequence: number;
  readonly timestamp: number;
  readonly atMs: number;
  readonly level?: number;
  readonly payloadType?: number;
  readonly ssrc?: number;
  /** Of the payload. */
  readonly firstByte?: number;
};

/** Packets of 20 ms, each of one level; pieces are told as `timestamp+length=level`, with `~` where made up (their level is that of the first sample). */
function setUp() {
  const audio = new ReceivedAudio(codecs);
  const log: string[] = [];
  let end: number | null = null;
  const listener: AudioListener = {
    hear(pcm, { timestamp, isConcealed }) {
      assert.equal(timestamp, end ?? timestamp, 'each piece begins where the one before it ended');
      end = timestamp + pcm.length;
      log.push(`${timestamp}+${pcm.length}=${isConcealed ? '~' : ''}${pcm[0]}`);
    },
  };
  const take = ({ sequence, timestamp, atMs, level = 1000, payloadType = 8, ssrc = 1, firstByte }: Packet): void => {
    const codec = payloadType === 0 ? uLaw : aLaw;
    const packet = new Uint8Array(12 + 160).fill(codec.encodeSample(level), 12);
    if (firstByte !== undefined) packet[12] = firstByte;
    const header = { ...createRtpHeader(), sequence, timestamp, payloadType, ssrc, payloadStart: 12, payloadEnd: 172 };
    audio.take(packet, header, atMs);
  };
  return { audio, listener, take, log, drain: () => log.splice(0) };
}

function begun(): ReturnType<typeof setUp> {
  const kit = setUp();
  kit.audio.start(0);
  kit.audio.add(kit.listener);
  kit.take({ sequence: 1, timestamp: 0, atMs: 0 });
  kit.drain();
  return kit;
}

const at = (level: number): number => aLaw.decodeSample(aLaw.encodeSample(level));

describe('ReceivedAudio', () => {
  it('hands out packets as they come, of either codec, over the wraps of both counts', () => {
    const { audio, listener, take, log } = setUp();
    audio.start(100);
    audio.add(listener);
    take({ sequence: 65_535, timestamp: 0xffffffa0, atMs: 100, level: 1000 });
    take({ sequence: 0, timestamp: 0x40, atMs: 120, level: 2000, payloadType: 0 });
    take({ sequence: 1, timestamp: 0xe0, atMs: 140, level: 3000 });
    const second = uLaw.decodeSample(uLaw.encodeSample(2000));
    assert.deepEqual(log, [`0+160=${at(1000)}`, `160+160=${second}`, `320+160=${at(3000)}`]);
  });

  it('brings packets back into order, and conceals one that is lost', () => {
    const { audio, take, log, drain } = begun();
    take({ sequence: 3, timestamp: 320, atMs: 40, level: 3000 });
    assert.deepEqual(drain(), []);
    take({ sequence: 2, timestamp: 160, atMs: 41, level: 2000 });
    assert.deepEqual(drain(), [`160+160=${at(2000)}`, `320+160=${at(3000)}`]);
    take({ sequence: 6, timestamp: 800, atMs: 100, level: 6000 });
    audio.passTime(179);
    assert.deepEqual(drain(), []);
    audio.passTime(180);
    assert.deepEqual(log, [`480+160=~${at(3000)}`, `640+160=~${Math.trunc(at(3000) * 0.8)}`, `800+160=${at(6000)}`]);
  });

  it('leaves what the far side left out silent, and does not call it lost', () => {
    const { take, log } = begun();
    take({ sequence: 2, timestamp: 480, atMs: 60, level: 2000 });
    assert.deepEqual(log, ['160+160=0', '320+160=0', `480+160=${at(2000)}`]);
  });

  it('hands out silence as time passes when nothing comes, and finds the place of what comes then', () => {
    const { audio, take, log, drain } = begun();
    for (let nowMs = 20; nowMs < 140; nowMs += 20) audio.passTime(nowMs);
    assert.deepEqual(drain(), [], 'a packet may still be under way');
    audio.passTime(140);
    audio.passTime(160);
    assert.deepEqual(drain(), ['160+160=~0', '320+160=~0']);
    take({ sequence: 2, timestamp: 640, atMs: 161, level: 2000 });
    assert.deepEqual(log, ['480+160=0', `640+160=${at(2000)}`]);
  });

  it('hands out packets that came too late for their place all the same, and takes the time back from the next silence', () => {
    const { audio, take, log, drain } = begun();
    for (let nowMs = 20; nowMs <= 200; nowMs += 20) audio.passTime(nowMs);
    assert.equal(drain().length, 4);
    for (let index = 1; index <= 10; index += 1) take({ sequence: 1 + index, timestamp: index * 160, atMs: 200 });
    assert.equal(drain().at(-1), `${160 * 14}+160=${at(1000)}`);
    take({ sequence: 12, timestamp: 160 * 20, atMs: 400 });
    assert.deepEqual(log.at(-1), `${160 * 20}+160=${at(1000)}`);
  });

  it('does not fall behind for good where pauses of the network follow each other', () => {
    const { audio, take, log } = begun();
    for (let burst = 0; burst < 20; burst += 1) {
      for (let nowMs = burst * 200 + 20; nowMs <= burst * 200 + 200; nowMs += 20) audio.passTime(nowMs);
      for (let index = 1; index <= 10; index += 1) {
        const count = burst * 10 + index;
        take({ sequence: 1 + count, timestamp: count * 160, atMs: burst * 200 + 200 });
      }
    }
    const handedOut = Number(log.at(-1)?.split('+')[0]);
    assert.ok(handedOut - 200 * 160 <= 800, `${handedOut - 200 * 160} samples behind`);
  });

  it('calls silence told where the far side sends a key or comfort noise', () => {
    const { audio, take, log } = begun();
    take({ sequence: 2, timestamp: 160, atMs: 20, payloadType: 101 });
    take({ sequence: 3, timestamp: 160, atMs: 40, payloadType: 101 });
    for (let nowMs = 60; nowMs <= 160; nowMs += 20) audio.passTime(nowMs);
    take({ sequence: 4, timestamp: 1280, atMs: 160, level: 2000 });
    assert.deepEqual(log, [
      ...['160+160=0', '320+160=0', '480+160=0', '640+160=0', '800+160=0', '960+160=0', '1120+160=0'],
      `1280+160=${at(2000)}`,
    ]);
  });

  it('makes the noise that the far side describes, until it speaks again', () => {
    const { audio, take } = begun();
    const levels: number[] = [];
    audio.add({
      hear(pcm, { isConcealed }) {
        const mean = Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);
        levels.push(isConcealed ? -1 : Math.round(mean / 20));
      },
    });
    // -50 dBov: a mean of 32767 / 316 = 104.
    take({ sequence: 2, timestamp: 160, atMs: 20, payloadType: 13, firstByte: 50 });
    for (let nowMs = 40; nowMs <= 200; nowMs += 20) audio.passTime(nowMs);
    take({ sequence: 3, timestamp: 1920, atMs: 240, level: 2000 });
    take({ sequence: 4, timestamp: 2240, atMs: 280, level: 2000 });
    const speech = Math.round(at(2000) / 20);
    assert.deepEqual(levels, [...Array(11).fill(5), speech, 0, speech]);
  });

  it('decodes each payload type with a state of its own, in the clock of its codec', async () => {
    const opus = await encodeOpus(generateTones([{ frequencyHz: 1000, durationMs: 400 }], 16_000), 20);
    const probe = threadCodecs.opus.createDecoder();
    const audio = new ReceivedAudio(new Map([[107, threadCodecs.opus]]));
    const heard: number[] = [];
    audio.start(0);
    audio.add({
      hear: (pcm, { timestamp, isConcealed }) => heard.push(timestamp, pcm.length, isConcealed ? 1 : 0),
    });
    const take = (index: number): void => {
      const payload = opus[index] ?? assert.fail();
      const header = { ...createRtpHeader(), sequence: index, timestamp: index * 960, payloadType: 107, ssrc: 1 };
      audio.take(payload, { ...header, payloadStart: 0, payloadEnd: payload.length }, index * 20);
    };
    take(0);
    assert.deepEqual(heard, [], 'the library is not there at once');
    await until(() => probe.decode(opus[0] ?? assert.fail(), new Int16Array(160)) > 0, {
      what: 'the library',
      timeoutMs: 10_000,
    });
    take(1);
    assert.deepEqual(heard, [0, 160, 0, 160, 160, 0], 'what could not be decoded is a gap');
    heard.length = 0;
    take(2);
    take(4);
    audio.passTime(160);
    assert.deepEqual(heard, [320, 160, 0, 480, 160, 1, 640, 160, 0]);
    audio.close();
    probe.close();
  });

  it('goes by time where a timestamp cannot be, and where another source begins', () => {
    const { take, log } = begun();
    take({ sequence: 2, timestamp: 0x12345678, atMs: 20, level: 2000 });
    take({ sequence: 3, timestamp: 0x12345678 + 160, atMs: 40, level: 3000 });
    take({ sequence: 7000, timestamp: 99, ssrc: 2, atMs: 80, level: 4000 });
    take({ sequence: 7001, timestamp: 259, ssrc: 2, atMs: 100, level: 5000 });
    assert.deepEqual(log, [
      `160+160=${at(2000)}`,
      `320+160=${at(3000)}`,
      '480+160=0',
      `640+160=${at(4000)}`,
      `800+160=${at(5000)}`,
    ]);
  });

  it('lets listeners come and go, and counts from the first packet of the session also for those who come late', () => {
    const { audio, listener, take, log } = setUp();
    audio.start(0);
    take({ sequence: 1, timestamp: 0, atMs: 0 });
    audio.add(listener);
    take({ sequence: 51, timestamp: 8000, atMs: 1000 });
    const capture = new Capture(16_000);
    audio.add(capture);
    take({ sequence: 52, timestamp: 8160, atMs: 1020, level: 2000 });
    audio.remove(listener);
    take({ sequence: 53, timestamp: 8320, atMs: 1040, level: 3000 });
    audio.remove(capture);
    audio.remove(capture);
    take({ sequence: 54, timestamp: 8480, atMs: 1060 });
    assert.deepEqual(log, [`8000+160=${at(1000)}`, `8160+160=${at(2000)}`]);
    assert.equal(capture.read().length, 8480);
    assert.deepEqual([capture.read()[8159], capture.read()[8160], capture.read()[8479]], [0, at(2000), at(3000)]);
  });
});
