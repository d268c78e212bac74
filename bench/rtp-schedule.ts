import type { CapturedPacket } from './rtp-capture.ts';

/** How well streams kept to their time, as seen on the wire, and what became of their packets. */
export type StreamFigures = {
  readonly streams: number;
  readonly sent: number;
  readonly latenessP50Ms: number;
  readonly latenessP99Ms: number;
  readonly latenessMaxMs: number;
  /** Packets that were never sent: time that the sender gave up. */
  readonly missing: number;
  /** Packets that the far side did not send back. */
  readonly unreturned: number;
};

export type StreamQuestion = {
  readonly packets: readonly CapturedPacket[];
  readonly isFarPort: (port: number) => boolean;
  /** Length of a packet. */
  readonly ptimeMs: number;
};

/** What follows a packet for so long shows the schedule that it belonged to. */
const scheduleMs = 1000;
/** Of the youngest packets the echo may not have been captured any more. */
const echoLimitMs = 200;
const samplesPerMs = 8;

/**
 * A packet's lateness is held against its stream's own schedule: RTP timestamp over 8 kHz, beginning where the earliest packets of the second after it are.
 * So a pause that the sender never makes up for counts as packets missing and not as lateness for ever, whether or not the timestamps jump with it.
 */
export function measureStreams({ packets, isFarPort, ptimeMs }: StreamQuestion): StreamFigures {
  const sentBy = groupBy(
    packets.filter((packet) => isFarPort(packet.destinationPort)),
    (packet) => packet.sourcePort,
  );
  const echoes = new Set(
    packets.filter((packet) => isFarPort(packet.sourcePort)).map((packet) => echoKey(packet.destinationPort, packet)),
  );
  const endMs = packets.at(-1)?.atMs ?? 0;
  const lateness: number[] = [];
  let missing = 0;
  let unreturned = 0;
  for (const [port, stream] of sentBy) {
    lateness.push(...latenessOf(stream));
    missing += missingIn(stream, ptimeMs);
    for (const packet of stream) {
      if (packet.atMs < endMs - echoLimitMs && !echoes.has(echoKey(port, packet))) unreturned += 1;
    }
  }
  lateness.sort((a, b) => a - b);
  const quantile = (share: number): number => lateness[Math.ceil(share * lateness.length) - 1] ?? 0;
  return {
    streams: sentBy.size,
    sent: lateness.length,
    latenessP50Ms: quantile(0.5),
    latenessP99Ms: quantile(0.99),
    latenessMaxMs: quantile(1),
    missing,
    unreturned,
  };
}

/** In milliseconds, packet by packet. */
function latenessOf(stream: readonly CapturedPacket[]): number[] {
  const first = stream[0];
  if (first === undefined) return [];
  const offsets = stream.map(({ atMs, timestamp }) => atMs - ((timestamp - first.timestamp) | 0) / samplesPerMs);
  // From the end: candidates for the least offset, rising, the nearest first.
  const candidates: { readonly atMs: number; readonly offset: number }[] = [];
  const lateness: number[] = [];
  for (let index = stream.length - 1; index >= 0; index -= 1) {
    const atMs = stream[index]?.atMs ?? 0;
    const offset = offsets[index] ?? 0;
    while ((candidates.at(-1)?.offset ?? Number.NEGATIVE_INFINITY) >= offset) candidates.pop();
    candidates.push({ atMs, offset });
    while ((candidates[0]?.atMs ?? 0) > atMs + scheduleMs) candidates.shift();
    lateness.push(offset - (candidates[0]?.offset ?? offset));
  }
  return lateness.reverse();
}

/** How many packets fewer than there were packet times. */
function missingIn(stream: readonly CapturedPacket[], ptimeMs: number): number {
  const lengthMs = (stream.at(-1)?.atMs ?? 0) - (stream[0]?.atMs ?? 0);
  return Math.max(0, Math.round(lengthMs / ptimeMs) - (stream.length - 1));
}

function echoKey(port: number, { sequence }: CapturedPacket): number {
  return port * 65_536 + sequence;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
