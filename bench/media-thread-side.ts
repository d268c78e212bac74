import { silentLogger } from '../src/lib/logger.ts';
import { generateTones } from '../src/telephony/audio/tones.ts';
import { createMediaService } from '../src/telephony/rtp/media-service.ts';
import type { MediaSession, MediaStats, MediaThreadFigures } from '../src/telephony/rtp/media-types.ts';
import type { MediaWorkerSettings } from '../src/telephony/rtp/media-worker.ts';

/** One of the two ends of the media bench: a service with one media thread and some sessions that all play the same prompt for ever. */
export type MediaSide = {
  readonly ports: readonly number[];
  /** Connects session i to port i of the other side, and plays. */
  connect(remotePorts: readonly number[]): void;
  /** Reads the thread's figures, and begins its lateness anew. */
  figures(): Promise<MediaThreadFigures>;
  close(): Promise<MediaTotals>;
};

export type MediaTotals = { readonly sent: number; readonly received: number; readonly lost: number };

const host = '127.0.0.1';
const promptMs = 30_000;

/** Opens `sessions` sessions on ports from `firstPort`. */
export async function openMediaSide(
  sessions: number,
  firstPort: number,
  thread: MediaWorkerSettings,
): Promise<MediaSide> {
  const portRange = { first: firstPort, last: firstPort + 9999 };
  const service = await createMediaService({ hosts: [host], portRange, threads: 1, logger: silentLogger(), ...thread });
  const pcm = generateTones([{ frequencyHz: 440, durationMs: promptMs }], 8000);
  await service.loadPrompt({ promptKey: 'tone', pcm, sampleRate: 8000 });
  const opened: MediaSession[] = [];
  for (let count = 0; count < sessions; count += 1) opened.push(await service.open(() => undefined));
  return {
    ports: opened.map((session) => session.localPort),
    connect(remotePorts) {
      for (const [index, session] of opened.entries()) {
        session.connect({
          address: host,
          port: remotePorts[index] ?? 0,
          codec: 'PCMA',
          payloadType: 8,
          eventPayloadType: 101,
          ptimeMs: 20,
          canSend: true,
        });
        session.play('tone', 1000);
      }
    },
    async figures() {
      const [figures] = await service.figures({ resetLateness: true });
      if (figures === undefined) throw new Error('the media thread died');
      return figures;
    },
    async close() {
      const stats = await Promise.all(opened.map((session) => session.close()));
      await service.close();
      return total(stats);
    },
  };
}

function total(stats: readonly MediaStats[]): MediaTotals {
  return {
    sent: stats.reduce((sum, each) => sum + each.packetsSent, 0),
    received: stats.reduce((sum, each) => sum + each.packetsReceived, 0),
    lost: stats.reduce((sum, each) => sum + each.packetsLost, 0),
  };
}
