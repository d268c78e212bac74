import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CapturedPacket } from './rtp-capture.ts';
import { measureStreams } from './rtp-schedule.ts';

const farPort = 49_000;
const nearPort = 33_000;
const isFarPort = (port: number): boolean => port === farPort;

type Change = Partial<{ readonly atMs: number; readonly timestamp: number }>;

/** 200 packets of 20 ms and their echoes 1 ms later; `changeOf` moves the packet of that index. */
function stream(changeOf: (index: number) => Change = () => ({})): CapturedPacket[] {
  return Array.from({ length: 200 }, (_, index) => {
    const { atMs = 0, timestamp = 0 } = changeOf(index);
    const packet: CapturedPacket = {
      atMs: 5000 + index * 20 + atMs,
      sourcePort: nearPort,
      destinationPort: farPort,
      sequence: (65_500 + index) & 0xffff,
      timestamp: (0xffff_ff00 + index * 160 + timestamp) >>> 0,
    };
    return [packet, { ...packet, atMs: packet.atMs + 1, sourcePort: farPort, destinationPort: nearPort }];
  }).flat();
}

function measure(packets: readonly CapturedPacket[]): ReturnType<typeof measureStreams> {
  return measureStreams({ packets: packets.toSorted((a, b) => a.atMs - b.atMs), isFarPort, ptimeMs: 20 });
}

test('a stream in time, over the wrap of sequence and timestamp', () => {
  const figures = { latenessP50Ms: 0, latenessP99Ms: 0, latenessMaxMs: 0, missing: 0, unreturned: 0 };
  assert.deepEqual(measure(stream()), { ...figures, streams: 1, sent: 200 });
});

test('single late packets are late by what they are late', () => {
  const figures = measure(stream((index) => (index % 20 === 3 ? { atMs: 7 } : {})));
  assert.deepEqual([figures.latenessP50Ms, figures.latenessP99Ms, figures.missing], [0, 7, 0]);
});

for (const { title, timestamp } of [
  { title: 'the timestamps jump with it', timestamp: 100 * 8 },
  { title: 'the timestamps do not', timestamp: 0 },
]) {
  test(`a pause that is never made up for is packets missing: ${title}`, () => {
    const figures = measure(stream((index) => (index < 120 ? {} : { atMs: 100, timestamp })));
    assert.equal(figures.missing, 5);
    assert.equal(figures.latenessMaxMs, 0);
  });
}

test('a pause that is caught up in a burst is lateness', () => {
  const figures = measure(stream((index) => (index === 50 || index === 51 ? { atMs: 60 - (index - 50) * 20 } : {})));
  assert.deepEqual([figures.missing, figures.latenessMaxMs], [0, 60]);
});

test('what does not come back is counted, but for the last moment', () => {
  const lost = (packet: CapturedPacket): boolean =>
    packet.sourcePort === farPort && [65_510, 65_520, 163].includes(packet.sequence);
  assert.equal(measure(stream().filter((packet) => !lost(packet))).unreturned, 2);
});
