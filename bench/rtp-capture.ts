import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../test/support/until.ts';
import { pinProcess } from './cores.ts';

/** An RTP packet on the wire, and when the kernel had it. */
export type CapturedPacket = {
  /** Milliseconds, of the wall clock. */
  readonly atMs: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  /** Samples, 32 bits. */
  readonly timestamp: number;
};

/** tcpdump on the loopback interface. */
export interface RtpCapture {
  /** Ends it and gives what was captured. Rejects when the kernel dropped packets of it: then it says nothing. */
  finish(): Promise<CapturedPacket[]>;
}

export type RtpCaptureOptions = {
  readonly cores: string;
  /** The ports of the far side; what goes there and comes from there is captured. */
  readonly farPorts: { readonly first: number; readonly last: number };
  /** One of so many even near ports is in the sample; a power of two. */
  readonly oneOf: number;
};

/** Ethernet, IPv4 without options, UDP, and the fixed part of the RTP header. */
const ipOffset = 14;
const udpOffset = ipOffset + 20;
const rtpOffset = udpOffset + 8;
const snapLength = rtpOffset + 12;

/** Starts it; the kernel filters, so that what is not in the sample costs next to nothing. */
export async function startRtpCapture({ cores, farPorts, oneOf }: RtpCaptureOptions): Promise<RtpCapture> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-capture-'));
  const file = join(folder, 'rtp.pcap');
  const range = `portrange ${farPorts.first}-${farPorts.last}`;
  // Of the near port the bits above the lowest, which is 0 with RTP.
  const mask = (oneOf - 1) << 1;
  const sample = (offset: number): string => `udp[${offset}:2] & ${mask | 1} = 0`;
  const filter = `(udp dst ${range} and ${sample(0)}) or (udp src ${range} and ${sample(2)})`;
  const options = ['-i', 'lo', '-n', '-s', String(snapLength), '-B', '65536', '--time-stamp-precision', 'nano'];
  const child = spawn('tcpdump', [...options, '-Z', 'root', '-w', file, filter], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  child.on('error', (error) => {
    said += error.message;
  });
  const what = 'tcpdump to listen (apt-get install tcpdump; it needs root or CAP_NET_RAW)';
  await until(() => said.includes('listening on'), { what, timeoutMs: 5000, everyMs: 20, detail: () => said });
  pinProcess(child.pid ?? 0, cores);
  return {
    async finish() {
      try {
        await end(child);
        const dropped = Number(/(\d+) packets? dropped by kernel/.exec(said)?.[1]);
        if (dropped !== 0) throw new Error(`the capture is not whole: ${said}`);
        return readCapture(await readFile(file));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGINT');
  await closed;
}

/** A pcap file of this machine's byte order with times in nanoseconds. */
function readCapture(file: Buffer): CapturedPacket[] {
  if (file.readUInt32LE(0) !== 0xa1b23c4d) throw new Error('not a capture file with nanoseconds');
  const packets: CapturedPacket[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const start = at + 16;
    if (length >= snapLength) {
      packets.push({
        atMs: file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1e6,
        sourcePort: file.readUInt16BE(start + udpOffset),
        destinationPort: file.readUInt16BE(start + udpOffset + 2),
        sequence: file.readUInt16BE(start + rtpOffset + 2),
        timestamp: file.readUInt32BE(start + rtpOffset + 4),
      });
    }
    at = start + length;
  }
  return packets;
}
