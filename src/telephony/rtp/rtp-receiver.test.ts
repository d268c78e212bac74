import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createG711Codec } from '../audio/g711.ts';
import { LatenessHistogram } from './lateness-histogram.ts';
import { ReceivedAudio } from './received-audio.ts';
import { createThreadCodecs, receivedCodecs } from './received-codecs.ts';
import { prepareRtp, stampRtp } from './rtp-packet.ts';
import { RtpReceiver } from './rtp-receiver.ts';
import { writeTelephoneEvent } from './telephone-event.ts';

const format = { payloadType: 8, eventPayloadType: 101 };
const threadCodecs = createThreadCodecs({ PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') });

function audio(sequence: number, timestamp: number, fill: number, payloadType = 8): Uint8Array {
  const packet = new Uint8Array(12 + 160).fill(fill);
  prepareRtp(packet, 99);
  stampRtp(packet, payloadType, sequence, timestamp);
  return packet;
}

const remote = { address: '', port: 0, codec: 'PCMA', ptimeMs: 20, canSend: true, ...format } as const;
const codecs = receivedCodecs({ ...remote, ownPayloads: [{ payloadType: 0, codec: 'PCMU' }] }, threadCodecs);

function setUp(): { receiver: RtpReceiver; log: string[] } {
  const log: string[] = [];
  const observer = {
    onFirstPacket: () => log.push('first'),
    onDigit: (digit: string, durationMs: number) => log.push(`${digit} ${durationMs}`),
  };
  return { receiver: new RtpReceiver(format, codecs, observer, new ReceivedAudio(codecs)), log };
}

describe('RtpReceiver', () => {
  it('reports the first packet once, and takes no packet of a type that was not offered', () => {
    const { receiver, log } = setUp();
    assert.equal(receiver.receive(audio(1, 0, 0xd5, 96), 0), false);
    assert.equal(receiver.receive(Uint8Array.from([1, 2, 3]), 0), false);
    assert.deepEqual(log, []);
    assert.equal(receiver.receive(audio(1, 0, 0xd5), 0), true);
    assert.equal(receiver.receive(audio(2, 160, 0xd5, 0), 20), true);
    assert.deepEqual(log, ['first']);
    assert.equal(receiver.statistics.packetsReceived, 2);
    assert.equal(receiver.receive(audio(3, 320, 0, 99), 40), false);
    receiver.receive(audio(4, 480, 0xd5), 60);
    assert.equal(receiver.statistics.packetsLost, 0, 'another type in between is no loss');
  });

  it('takes comfort noise of the far side, but not for its first packet', () => {
    const { receiver, log } = setUp();
    assert.equal(receiver.receive(audio(1, 0, 60, 13), 0), false);
    assert.equal(receiver.peek(audio(1, 0, 60, 13)), null);
    receiver.receive(audio(2, 160, 0xd5), 20);
    assert.equal(receiver.receive(audio(3, 320, 60, 13), 40), true);
    receiver.receive(audio(4, 3200, 0xd5), 400);
    assert.deepEqual(log, ['first']);
    assert.deepEqual([receiver.statistics.packetsReceived, receiver.statistics.packetsLost], [3, 0]);
  });

  it('measures durations of events in their own clock', () => {
    const { receiver, log } = setUp();
    receiver.configure({ ...format, eventClockRate: 48_000 }, codecs);
    const packet = new Uint8Array(16);
    prepareRtp(packet, 99);
    stampRtp(packet, 101, 1, 5000);
    writeTelephoneEvent(packet, 12, { event: 5, isEnd: true, duration: 4800 });
    receiver.receive(packet, 1000);
    assert.deepEqual(log, ['first', '5 100']);
  });

  it('concludes a digit whose end packets were lost when time passes', () => {
    const { receiver, log } = setUp();
    const packet = new Uint8Array(16);
    prepareRtp(packet, 99);
    stampRtp(packet, 101, 1, 5000);
    writeTelephoneEvent(packet, 12, { event: 10, isEnd: false, duration: 480 });
    receiver.receive(packet, 1000);
    receiver.passTime(1100);
    assert.deepEqual(log, ['first']);
    receiver.passTime(1250);
    assert.deepEqual(log, ['first', '* 60']);
  });

  it("hears events with the number that our own side mapped as well as with the far side's (RFC 3264 5.1)", () => {
    for (const payloadType of [101, 96]) {
      const { receiver, log } = setUp();
      receiver.configure({ payloadType: 8, eventPayloadType: 96, ownEventPayloadType: 101 }, codecs);
      const packet = new Uint8Array(16);
      prepareRtp(packet, 99);
      stampRtp(packet, payloadType, 1, 5000);
      writeTelephoneEvent(packet, 12, { event: 5, isEnd: true, duration: 800 });
      receiver.receive(packet, 1000);
      assert.deepEqual(log, ['first', '5 100']);
    }
  });

  it('ignores events that are not digits', () => {
    const { receiver, log } = setUp();
    const packet = new Uint8Array(16);
    prepareRtp(packet, 99);
    stampRtp(packet, 101, 1, 5000);
    writeTelephoneEvent(packet, 12, { event: 16, isEnd: true, duration: 480 });
    receiver.receive(packet, 1000);
    assert.deepEqual(log, ['first']);
  });
});

describe('LatenessHistogram', () => {
  it('gives quantiles to a tenth of a millisecond, and the maximum exactly', () => {
    const histogram = new LatenessHistogram();
    assert.equal(histogram.quantileMs(0.99), 0);
    for (let index = 0; index < 99; index += 1) histogram.record(index / 100);
    histogram.record(250);
    histogram.record(-3);
    assert.ok(Math.abs(histogram.quantileMs(0.5) - 0.5) <= 0.1);
    assert.ok(Math.abs(histogram.quantileMs(0.99) - 1) <= 0.1);
    assert.equal(histogram.maxMs, 250);
    assert.equal(histogram.quantileMs(1), 100);
    histogram.reset();
    assert.deepEqual([histogram.quantileMs(1), histogram.maxMs], [0, 0]);
  });
});
