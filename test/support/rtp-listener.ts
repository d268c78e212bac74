import { createSocket } from 'node:dgram';

/** What was heard of one RTP stream (one SSRC). */
export type HeardStream = {
  readonly ssrc: number;
  /** Where its first packet came from. */
  readonly fromPort: number;
  readonly packets: number;
  /** The longest time between two packets that followed each other, milliseconds. */
  readonly maxGapMs: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
};

/** Listens on one port for the RTP of any number of calls. */
export interface RtpListener {
  readonly port: number;
  streams(): HeardStream[];
  /** Forgets the gaps so far; streams go on. */
  resetGaps(): void;
  close(): Promise<void>;
}

/** Starts listening on loopback. */
export async function startRtpListener(): Promise<RtpListener> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const streams = new Map<number, { -readonly [K in keyof HeardStream]: HeardStream[K] }>();
  socket.on('message', (packet, { port: fromPort }) => {
    if (packet.length < 12 || (packet[0] ?? 0) >> 6 !== 2) return;
    const ssrc = packet.readUInt32BE(8);
    const now = performance.now();
    const stream = streams.get(ssrc);
    if (stream === undefined) {
      streams.set(ssrc, { ssrc, fromPort, packets: 1, maxGapMs: 0, firstAtMs: now, lastAtMs: now });
      return;
    }
    stream.packets += 1;
    stream.maxGapMs = Math.max(stream.maxGapMs, now - stream.lastAtMs);
    stream.lastAtMs = now;
  });
  return {
    port: socket.address().port,
    streams: () => [...streams.values()].map((stream) => ({ ...stream })),
    resetGaps: () => {
      for (const stream of streams.values()) stream.maxGapMs = 0;
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
