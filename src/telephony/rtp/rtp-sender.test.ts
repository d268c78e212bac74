import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { LoadedPrompt, Playout, type PlayoutEnd, type PlayoutSource } from './playout.ts';
import type { EncodedAudio } from './prompt-encoding.ts';
import { createRtpHeader, parseRtp, sequenceOf } from './rtp-packet.ts';
import { RtpSender, type SenderFormat } from './rtp-sender.ts';
import { parseTelephoneEvent } from './telephone-event.ts';

const format: SenderFormat = {
  payloadType: 8,
  eventPayloadType: 101,
  silence: new Uint8Array(480).fill(0xd5),
  packetSamples: 160,
  payloadBytes: 160,
  unitsPerSample: 1,
  eventUnitsPerSample: 1,
  canSend: true,
};

type Sent = {
  payloadType: number;
  isMarked: boolean;
  /** Since the first packet. */
  sequence: number;
  timestamp: number;
  payload: number[];
};

function setUp(change: Partial<SenderFormat> = {}): {
  sender: RtpSender;
  ends: PlayoutEnd[];
  take: (count: number) => (Sent | null)[];
  send: (count: number) => Sent[];
} {
  const ends: PlayoutEnd[] = [];
  const sender = new RtpSender({ ...format, ...change }, new Playout((end) => ends.push(end)), seededRandom(7));
  let first: { sequence: number; timestamp: number } | null = null;
  const take = (count: number): (Sent | null)[] =>
    Array.from({ length: count }, () => {
      const packet = sender.next();
      if (packet === null) return null;
      const header = createRtpHeader();
      assert.ok(parseRtp(packet, header));
      first ??= { sequence: header.sequence, timestamp: header.timestamp };
      return {
        payloadType: header.payloadType,
        isMarked: header.isMarked,
        sequence: (header.sequence - first.sequence) & 0xffff,
        timestamp: (header.timestamp - first.timestamp) >>> 0,
        payload: [...packet.subarray(header.payloadStart, header.payloadEnd)],
      };
    });
  return { sender, ends, take, send: (count) => take(count).filter((sent) => sent !== null) };
}

/** A prompt whose bytes count up. */
function numbered(length: number, promptKey = 'p'): PlayoutSource {
  const bytes = new Uint8Array(new SharedArrayBuffer(length));
  for (let index = 0; index < length; index += 1) bytes[index] = index % 251;
  return new LoadedPrompt(promptKey, { PCMA: { bytes, frames: null } });
}

/** A prompt's packets of 20 ms. */
function framed(packets: readonly (readonly number[])[]): EncodedAudio {
  const bytes = new Uint8Array(new SharedArrayBuffer(packets.flat().length));
  bytes.set(packets.flat());
  const offsets = new Uint32Array(new SharedArrayBuffer(4 * (packets.length + 1)));
  for (const [index, packet] of packets.entries()) offsets[index + 1] = (offsets[index] ?? 0) + packet.length;
  return { bytes, frames: { offsets, samples: 160 } };
}

describe('RtpSender', () => {
  it('begins in the lower half of the sequence numbers, each session elsewhere', () => {
    const firsts = Array.from({ length: 100 }, (_, seed) => {
      const packet = new RtpSender(format, new Playout(() => undefined), seededRandom(seed)).next();
      return packet === null ? assert.fail('nothing is sent') : sequenceOf(packet);
    });
    assert.ok(Math.max(...firsts) < 0x8000, `${Math.max(...firsts)}`);
    assert.ok(new Set(firsts).size > 90);
  });

  it('sends silence without end, marked once', () => {
    const { send } = setUp();
    const packets = send(70_000);
    assert.ok(packets.every((sent, index) => sent.sequence === (index & 0xffff) && sent.timestamp === index * 160));
    assert.deepEqual(packets.filter((sent) => sent.isMarked).length, 1);
    assert.ok(packets[0]?.isMarked);
    assert.ok(packets.every((sent) => sent.payload.length === 160 && sent.payload.every((code) => code === 0xd5)));
  });

  it('plays loops without a gap, also across and within packets, fills the last packet up, and ends one packet time after it', () => {
    for (const [length, loops] of [
      [400, 3],
      [160, 2],
      [33, 20],
      [1, 161],
    ] as const) {
      const { sender, ends, send } = setUp();
      send(2);
      sender.playout.play(numbered(length), loops);
      const count = Math.ceil((length * loops) / 160);
      const packets = send(count);
      assert.deepEqual(ends, [], `${length} x ${loops} is not over before its last packet was played out`);
      const codes = packets.flatMap((sent) => sent.payload);
      const expected = Array.from({ length: count * 160 }, (_, i) => (i < length * loops ? (i % length) % 251 : 0xd5));
      assert.deepEqual(codes, expected);
      assert.deepEqual(
        packets.map((sent) => sent.isMarked),
        packets.map((_, index) => index === 0),
      );
      send(1);
      assert.deepEqual(ends, [{ promptKey: 'p', isComplete: true }]);
    }
  });

  it('keeps sequence and timestamps continuous over play, stop and replacement', () => {
    const { sender, ends, send } = setUp();
    const packets = send(3);
    sender.playout.play(numbered(1000), 5);
    packets.push(...send(4));
    sender.playout.play(numbered(2000, 'q'), 1);
    packets.push(...send(4));
    sender.playout.stop();
    packets.push(...send(4));
    assert.ok(packets.every((sent, index) => sent.sequence === index && sent.timestamp === index * 160));
    assert.deepEqual(
      packets.flatMap((sent, index) => (sent.isMarked ? [index] : [])),
      [0, 3, 7],
    );
    assert.deepEqual(ends, [
      { promptKey: 'p', isComplete: false },
      { promptKey: 'q', isComplete: false },
    ]);
  });

  it('on hold sends nothing, lets the clock run, and the prompt wait', () => {
    const { sender, take, send } = setUp();
    send(1);
    sender.playout.play(numbered(480), 1);
    const before = send(1);
    sender.configure({ ...format, canSend: false });
    assert.deepEqual(take(10), Array(10).fill(null));
    sender.configure(format);
    const [after] = send(1);
    assert.equal(before[0]?.payload[0], 0);
    assert.deepEqual(after?.payload.slice(0, 3), [160, 161, 162], 'the prompt goes on where it stopped');
    assert.equal(after?.sequence, 2);
    assert.equal(after?.timestamp, 12 * 160);
    assert.ok(after?.isMarked);
  });

  it('a skipped pause moves the timestamp, not the sequence nor the prompt', () => {
    const { sender, send } = setUp();
    send(1);
    sender.playout.play(numbered(480), 1);
    send(1);
    sender.skip(800);
    const [after] = send(1);
    assert.deepEqual([after?.sequence, after?.timestamp, after?.isMarked], [2, 2 * 160 + 800, true]);
    assert.equal(after?.payload[0], 160);
  });

  it('sends digits by RFC 4733: one timestamp, growing duration, three end packets, then audio again', () => {
    const { sender, send } = setUp();
    send(2);
    sender.playout.play(numbered(16_000), 1);
    assert.ok(sender.sendDigit('5', 400));
    assert.ok(sender.sendDigit('#', 320));
    const packets = send(14);
    const events = packets.map((sent) => {
      if (sent.payloadType !== 101) return `audio ${sent.timestamp / 160}${sent.isMarked ? ' M' : ''}`;
      const event = parseTelephoneEvent(Uint8Array.from(sent.payload), 0, 4);
      return `${event?.event} ${sent.timestamp / 160} ${event?.duration}${event?.isEnd ? ' E' : ''}${sent.isMarked ? ' M' : ''}`;
    });
    assert.deepEqual(events, [
      '5 2 160 M',
      '5 2 320',
      '5 2 400 E',
      '5 2 400 E',
      '5 2 400 E',
      'audio 7 M',
      '11 8 160 M',
      '11 8 320 E',
      '11 8 320 E',
      '11 8 320 E',
      'audio 12 M',
      'audio 13',
      'audio 14',
      'audio 15',
    ]);
    assert.ok(packets.every((sent, index) => sent.sequence === index + 2));
    assert.deepEqual(packets[10]?.payload.slice(0, 2), [160, 161], 'the prompt waited');
  });

  it('sends frames as they are, a packet each, in the clock of the codec', () => {
    const silence = Uint8Array.of(0xf8, 0xff);
    const opus = { payloadType: 107, silence, payloadBytes: 200, unitsPerSample: 6, eventUnitsPerSample: 6 };
    const { sender, ends, send } = setUp(opus);
    sender.playout.encodeAs('opus-20');
    sender.playout.play(new LoadedPrompt('p', { 'opus-20': framed([[1], [2, 2, 2], [3, 3]]) }), 2);
    const packets = send(7);
    assert.deepEqual(
      packets.map((sent) => sent.payload),
      [[1], [2, 2, 2], [3, 3], [1], [2, 2, 2], [3, 3], [...silence]],
    );
    assert.deepEqual(ends, [{ promptKey: 'p', isComplete: true }]);
    assert.ok(packets.every((sent, index) => sent.timestamp === index * 960 && sent.isMarked === (index === 0)));
    sender.sendDigit('5', 320);
    const events = send(4).map((sent) => [
      sent.timestamp / 960,
      parseTelephoneEvent(Uint8Array.from(sent.payload), 0, 4)?.duration,
    ]);
    assert.deepEqual(events, [
      [7, 960],
      [7, 1920],
      [7, 1920],
      [7, 1920],
    ]);
  });

  it('waits for an encoding that is not there yet, and goes on at the same place in another', () => {
    const { sender, ends, send } = setUp();
    const bytes = new Uint8Array(new SharedArrayBuffer(640)).fill(7);
    const prompt = new LoadedPrompt('p', { 'opus-20': framed([[1], [2], [3], [4]]) });
    sender.playout.play(prompt, 1);
    assert.deepEqual(
      send(3).map((sent) => [sent.payload[0], sent.isMarked]),
      [
        [0xd5, true],
        [0xd5, false],
        [0xd5, false],
      ],
    );
    prompt.add({ PCMA: { bytes, frames: null } });
    const [first, second] = send(2);
    assert.deepEqual([first?.payload[0], first?.isMarked, second?.isMarked], [7, true, false]);
    sender.playout.encodeAs('opus-20');
    assert.deepEqual(
      send(2).map((sent) => sent.payload[0]),
      [3, 4],
    );
    assert.deepEqual(ends, []);
    send(1);
    assert.deepEqual(ends, [{ promptKey: 'p', isComplete: true }]);
  });

  it('refuses digits that cannot be sent', () => {
    assert.equal(setUp().sender.sendDigit('x', 160), false);
    assert.equal(setUp({ eventPayloadType: null }).sender.sendDigit('1', 160), false);
  });

  it('takes another packet time in the middle of a prompt', () => {
    const { sender, send } = setUp();
    sender.playout.play(numbered(1000), 1);
    send(1);
    sender.configure({ ...format, packetSamples: 240, payloadBytes: 240 });
    const [wide, next] = send(2);
    assert.equal(wide?.payload.length, 240);
    assert.equal(wide?.payload[0], 160);
    assert.equal(next?.timestamp, 160 + 240);
  });
});
