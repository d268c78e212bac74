import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What Wireshark makes of one packet. */
export type DissectedPacket = {
  readonly source: string;
  readonly destination: string;
  /** Of SIP; '' where it is none or another kind. */
  readonly requestLine: string;
  readonly statusLine: string;
  /** Whether every checksum that it has is right. */
  readonly isSound: boolean;
};

const fields = ['_ws.col.Source', '_ws.col.Destination', 'sip.Request-Line', 'sip.Status-Line'];
const statuses = ['ip.checksum.status', 'udp.checksum.status', 'tcp.checksum.status'];

/** Reads a capture file as Wireshark does. Rejects with the install command where it is missing. */
export async function dissect(capture: Buffer): Promise<DissectedPacket[]> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-capture-'));
  const file = join(folder, 'call.pcap');
  await writeFile(file, capture);
  const checks = ['ip', 'udp', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
  const shown = [...fields, ...statuses].flatMap((name) => ['-e', name]);
  try {
    const { stdout } = await promisify(execFile)('tshark', ['-r', file, ...checks, '-T', 'fields', ...shown]);
    return stdout.trimEnd().split('\n').map(packetOf);
  } catch (cause) {
    throw new Error('tshark failed; install it with: apt-get install -y tshark', { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function packetOf(line: string): DissectedPacket {
  const [source = '', destination = '', requestLine = '', statusLine = '', ...found] = line.split('\t');
  // 1: right; empty: the packet has none of that kind.
  const isSound = found.includes('1') && found.every((status) => status === '' || status === '1');
  return { source, destination, requestLine, statusLine, isSound };
}
