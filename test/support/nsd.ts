import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressAndPort } from '../../src/lib/address-and-port.ts';
import { startChild } from './child.ts';
import { freePort } from './free-port.ts';

/** A DNS server (NSD) on loopback that knows one zone. */
export interface Nsd {
  readonly server: AddressAndPort;
  /** Answers from these records from now on; it takes a moment. */
  reload(records: readonly string[]): Promise<void>;
  /** Ends it (by its process id) and removes its files. Idempotent. */
  stop(): Promise<void>;
}

const host = '127.0.0.1';

/** Starts NSD with a zone of these records, in the zone file's own notation, names relative to the zone. */
export async function startNsd(zone: string, records: readonly string[]): Promise<Nsd> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-nsd-'));
  const port = await freePort();
  const zoneFile = join(folder, 'zone');
  let serial = 1;
  const write = (lines: readonly string[]): Promise<void> => writeFile(zoneFile, zoneText(zone, serial++, lines));
  await write(records);
  await writeFile(join(folder, 'nsd.conf'), configuration(folder, zone, port));
  const child = await startChild({
    command: 'nsd',
    args: ['-d', '-c', join(folder, 'nsd.conf')],
    // Where Debian keeps it, and few who are not root look.
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    install: 'apt-get install -y nsd',
  });
  await child.waitForOutput(/nsd started/, 10_000);
  return {
    server: { address: host, port },
    async reload(lines) {
      await write(lines);
      process.kill(child.pid, 'SIGHUP');
    },
    async stop() {
      // Its own children end with it.
      await child.stop(2_000);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string, zone: string, port: number): string {
  return [
    'server:',
    `  ip-address: ${host}@${port}`,
    '  server-count: 1',
    '  username: ""',
    '  verbosity: 1',
    '  database: ""',
    `  zonesdir: "${folder}"`,
    `  pidfile: "${join(folder, 'pid')}"`,
    `  xfrdfile: "${join(folder, 'xfrd')}"`,
    `  xfrdir: "${folder}"`,
    `  zonelistfile: "${join(folder, 'zone-list')}"`,
    'remote-control:',
    '  control-enable: no',
    'zone:',
    `  name: "${zone}"`,
    '  zonefile: "zone"',
    '',
  ].join('\n');
}

/** What is not there may be believed for a second. */
function zoneText(zone: string, serial: number, records: readonly string[]): string {
  const soa = `@ 1 IN SOA ns root ${serial} 3600 600 86400 1`;
  return [`$ORIGIN ${zone}.`, '$TTL 300', soa, '@ IN NS ns', `ns IN A ${host}`, ...records, ''].join('\n');
}
