import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TracedMessageEvent } from '../../src/call/trace.ts';
import { writePcap } from '../../src/domain/trace/pcap.ts';
import type { SeenDatagram } from './watched-media.ts';

/** One RTP stream as Wireshark counts it. */
export type DissectedStream = {
  /** The port that it is sent from. */
  readonly sourcePort: number;
  readonly packets: number;
  readonly lost: number;
  /** Sequence numbers, timestamps or payload types that don't fit together. */
  readonly hasProblems: boolean;
};

export type DissectedMedia = {
  readonly streams: readonly DissectedStream[];
  /** RTCP packet types in each datagram that was RTCP, by the port that sent it; `200,202`. */
  readonly reports: readonly { readonly sourcePort: number; readonly types: string }[];
  /** What Wireshark complains of: malformed packets, and warnings. */
  readonly complaints: readonly string[];
};

/** Takes down the datagrams of media threads for Wireshark. */
export class MediaCapture {
  readonly #events: TracedMessageEvent[] = [];
  readonly #startedAt = new Date();
  readonly #startedMs = performance.now();

  note({ direction, local, remote, packet }: SeenDatagram): void {
    const atUs = Math.round((performance.now() - this.#startedMs) * 1000);
    const shared = { type: 'message', transport: 'udp', isAgain: false } as const;
    this.#events.push({ ...shared, atUs, direction, local, remote, text: packet.toString('latin1') });
  }

  /** Reads them as Wireshark does. Rejects with the install command where it is missing. */
  async dissect(): Promise<DissectedMedia> {
    const folder = await mkdtemp(join(tmpdir(), 'carillon-media-'));
    const file = join(folder, 'media.pcap');
    const whose = { createdDay: '2026-01-05', taskId: 1, seq: 1, processId: '', droppedEvents: 0 };
    await writeFile(file, writePcap({ ...whose, startedAt: this.#startedAt, events: this.#events }));
    const read = (...args: string[]) => promisify(execFile)('tshark', ['-r', file, ...this.#decodeAs(), ...args]);
    try {
      const [streams, reports, complaints] = await Promise.all([
        read('-q', '-z', 'rtp,streams'),
        read('-Y', 'rtcp', '-T', 'fields', '-e', 'udp.srcport', '-e', 'rtcp.pt'),
        read('-Y', '_ws.malformed || _ws.expert.severity >= warning', '-T', 'fields', '-e', '_ws.col.info'),
      ]);
      return {
        streams: streams.stdout.split('\n').flatMap(streamOf),
        reports: linesOf(reports.stdout).map(reportOf),
        complaints: linesOf(complaints.stdout),
      };
    } catch (cause) {
      throw new Error('tshark failed; install it with: apt-get install -y tshark', { cause });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Told, because a port that was drawn may be some other protocol's by registration. */
  #decodeAs(): string[] {
    const ports = new Set(this.#events.map(({ local }) => local.port));
    return [...ports].flatMap((port) => ['-d', `udp.port==${port},${port % 2 === 0 ? 'rtp' : 'rtcp'}`]);
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function reportOf(line: string): DissectedMedia['reports'][number] {
  const [sourcePort = '', types = ''] = line.split('\t');
  return { sourcePort: Number(sourcePort), types };
}

/** Start, end, source, port, destination, port, SSRC, payload, packets, lost (percent), deltas, jitters, and an X where there are problems. */
function streamOf(line: string): DissectedStream[] {
  const found = /^\s*[\d.]+\s+[\d.]+\s+\S+\s+(\d+)\s+\S+\s+\d+\s+0x\S+\s+.*?\s(\d+)\s+(-?\d+) \([^)]*\)/.exec(line);
  if (found === null) return [];
  const [, sourcePort, packets, lost] = found.map(Number);
  return [
    { sourcePort: sourcePort ?? 0, packets: packets ?? 0, lost: lost ?? 0, hasProblems: line.trimEnd().endsWith('X') },
  ];
}
