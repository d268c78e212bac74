import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createG711Codec } from '../../audio/g711.ts';
import { createG711Decoder } from '../../audio/packet-decoders.ts';
import { type AudioListener, ReceivedAudio, type ReceivedCodecs } from '../received-audio.ts';
import { createRtpHeader, parseRtp, prepareRtp, rtpHeaderBytes, stampRtp } from '../rtp-packet.ts';
import { mostPendingBytes, type ToRecorder } from './recorder-protocol.ts';
import { RecordingTap } from './recording-tap.ts';

const codec = createG711Codec('PCMA');
const codecs: ReceivedCodecs = new Map([[8, { clockRate: 8000, createDecoder: () => createG711Decoder(codec) }]]);
const startMs = 5000;

/** A packet of 20 ms of one value. */
function packetOf(index: number, value: number, firstTimestamp = 0, sequence = index): Buffer {
  const packet = Buffer.alloc(rtpHeaderBytes + 160);
  prepareRtp(packet, 7);
  stampRtp(packet, 8, sequence, (firstTimestamp + index * 160) >>> 0);
  packet.fill(codec.encodeSample(value), rtpHeaderBytes);
  return packet;
}

/** A value that A-law leaves as it is. */
const tone = codec.decodeSample(codec.encodeSample(8000));
const other = codec.decodeSample(codec.encodeSample(-3000));

class Bench {
  readonly messages: ToRecorder[] = [];
  readonly pendingBytes = new Int32Array(new SharedArrayBuffer(4));
  readonly theirs = new ReceivedAudio(codecs);
  readonly tap: RecordingTap;
  readonly #header = createRtpHeader();
  #hasHeard = false;

  constructor() {
    // Somebody else listens too; the tap comes to a session that runs.
    const listener: AudioListener = { hear: () => undefined };
    this.theirs.add(listener);
    this.tap = new RecordingTap({
      ...{ recordingId: 3, file: '/spool/a.wav', theirs: this.theirs, ours: new ReceivedAudio(codecs), startMs },
      ...{ post: (message: ToRecorder) => this.messages.push(message), pendingBytes: this.pendingBytes },
    });
  }

  hear(packet: Buffer, nowMs: number): void {
    assert.ok(parseRtp(packet, this.#header));
    if (!this.#hasHeard) this.theirs.start(nowMs);
    this.#hasHeard = true;
    this.theirs.take(packet, this.#header, nowMs);
  }

  /** Time goes on, a packet time at a turn. */
  turn(nowMs: number): void {
    this.theirs.passTime(nowMs);
    this.tap.passTime(nowMs);
  }

  /** One channel of all that was handed over. */
  channel(side: 0 | 1): Int16Array {
    const audio = this.messages.flatMap((message) => (message.type === 'audio' ? [message.frames] : []));
    return Int16Array.from(audio.flatMap((frames) => [...frames].filter((_, index) => index % 2 === side)));
  }
}

/** The stretches of a value, in ms from the beginning. */
function stretches(pcm: Int16Array, value: number): [fromMs: number, toMs: number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < pcm.length; ) {
    const from = at;
    while (at < pcm.length && pcm[at] === value) at += 1;
    if (at > from) found.push([from / 8, at / 8]);
    else at += 1;
  }
  return found;
}

describe('a recording tap', () => {
  it('lays both sides where they were on the wire, and ends with the session', () => {
    const bench = new Bench();
    for (let index = 0; index < 100; index += 1) {
      const nowMs = startMs + 10 + index * 20;
      if (index >= 5 && index < 40) bench.tap.send(packetOf(index, other), nowMs);
      if (index >= 30 && index < 80) bench.hear(packetOf(index, tone, 0xffffff00), nowMs + 7);
      bench.turn(nowMs + 7);
    }
    bench.tap.end(startMs + 2010);
    assert.deepEqual(stretches(bench.channel(0), tone), [[617, 1617]]);
    assert.deepEqual(stretches(bench.channel(1), other), [[110, 810]]);
    assert.equal(bench.channel(0).length, 2010 * 8);
    assert.deepEqual(
      [bench.messages[0], bench.messages.at(-1)],
      [
        { type: 'begin', recordingId: 3, file: '/spool/a.wav', sampleRate: 8000 },
        { type: 'end', recordingId: 3 },
      ],
    );
  });

  it('begins in the middle of a session that was heard before', () => {
    const bench = new Bench();
    bench.hear(packetOf(0, tone), startMs - 995);
    for (let index = 1; index < 60; index += 1) bench.hear(packetOf(index, tone), startMs - 995 + index * 20);
    bench.tap.end(startMs + 200);
    assert.deepEqual(stretches(bench.channel(0), tone), [[0, 200]]);
  });

  it('puts late and reordered packets into their place, and silence where our side paused', () => {
    const bench = new Bench();
    const arrivals = [0, 1, 3, 2, 4, 6, 7, 5, 8, 9];
    for (const [order, index] of arrivals.entries()) bench.hear(packetOf(index, tone), startMs + 20 + order * 20);
    // On hold for ten packet times: the timestamp goes on, the sequence number does not.
    for (let sequence = 0; sequence < 20; sequence += 1) {
      const index = sequence < 10 ? sequence : sequence + 10;
      bench.tap.send(packetOf(index, other, 0, sequence), startMs + index * 20);
    }
    bench.tap.end(startMs + 700);
    assert.deepEqual(stretches(bench.channel(0), tone), [[20, 220]]);
    assert.deepEqual(stretches(bench.channel(1), other), [
      [0, 200],
      [400, 600],
    ]);
  });

  it('hands over a second when it is complete, and no sooner', () => {
    const bench = new Bench();
    const counts: number[] = [];
    for (const ms of [1000, 1399, 1400, 2399, 2400]) {
      bench.turn(startMs + ms);
      counts.push(bench.messages.filter((message) => message.type === 'audio').length);
    }
    assert.deepEqual(counts, [0, 0, 1, 1, 2]);
    assert.equal(Atomics.load(bench.pendingBytes, 0), 2 * 32_000);
  });

  it('gives up when the recorder does not keep up, and listens no more', () => {
    const bench = new Bench();
    Atomics.store(bench.pendingBytes, 0, mostPendingBytes + 1);
    bench.turn(startMs + 1400);
    const drop = { type: 'drop', recordingId: 3, problem: 'the disk is too slow for all that is recorded' };
    assert.deepEqual(bench.messages.slice(1), [drop]);
    bench.tap.send(packetOf(0, tone), startMs + 1400);
    bench.turn(startMs + 5000);
    bench.tap.end(startMs + 5000);
    assert.equal(bench.messages.length, 2);
  });

  it('ends once', () => {
    const bench = new Bench();
    bench.tap.end(startMs + 20);
    bench.tap.end(startMs + 40);
    assert.deepEqual(
      bench.messages.map((message) => message.type),
      ['begin', 'audio', 'end'],
    );
  });
});
