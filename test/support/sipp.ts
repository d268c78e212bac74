import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { freePort, freeUdpRange } from './free-port.ts';
import { until } from './until.ts';

/** A SIPp process. */
export interface Sipp {
  readonly port: number;
  /** Calls so far that went as the scenario says, by its own count, which it writes down every second. An OPTIONS is none. */
  carried(): Promise<number>;
  /** Resolves when all its calls are over. `exitCode` 0: every call went as the scenario says. */
  finished(timeoutMs: number): Promise<SippResult>;
  /** Ends it (by its process id) and removes its files. Idempotent. */
  stop(): Promise<void>;
}

export type SippResult = {
  readonly exitCode: number;
  /** From its final statistics. */
  readonly successful: number;
  readonly failed: number;
  readonly retransmissions: number;
  /** What it wrote to its error log. */
  readonly errors: string;
};

export type SippOptions = {
  /** An XML file. */
  readonly scenario: string;
  /** It ends after this many. */
  readonly calls: number;
  readonly extraArgs?: readonly string[];
  /** SIPp's `-t`: u1 (UDP), t1 (TCP, one connection), tn (one for each call), l1 (TLS). */
  readonly transport?: 'u1' | 't1' | 'tn' | 'l1';
  /** A loopback address, IPv6 in brackets; 127.0.0.1 unless given. */
  readonly host?: string;
  /** Whether it waits for calls; true unless given. A caller over TCP listens nowhere. */
  readonly isServer?: boolean;
};

/** Starts SIPp as a server on a free loopback port and waits until it listens. */
export async function startSippServer(options: SippOptions): Promise<Sipp> {
  const { scenario, calls, extraArgs = [], transport = 'u1', host = '127.0.0.1', isServer = true } = options;
  const port = await freePort();
  // For audio and video.
  const mediaPort = await freeUdpRange(4);
  const folder = await mkdtemp(join(tmpdir(), 'carillon-sipp-'));
  const child = await startChild({
    command: 'sipp',
    args: [
      ...['-sf', scenario, '-t', transport, '-i', host, '-p', String(port), '-mi', host, '-mp', String(mediaPort)],
      ...['-m', String(calls), '-nostdin', '-trace_err', '-trace_stat', '-fd', '1', ...extraArgs],
    ],
    cwd: folder,
    env: { TERM: 'dumb' },
    install: 'apt-get install -y sip-tester',
  });
  const errors = (): Promise<string> => readFirst(folder, '_errors.log');
  await until(
    async () => {
      if (child.exitCode() !== null) throw new Error(`SIPp exited: ${child.output().slice(-2000)} ${await errors()}`);
      return !isServer || isPortTaken(port, transport === 'u1' ? 'udp' : 'tcp');
    },
    { what: 'SIPp to listen', timeoutMs: 10_000, everyMs: 20 },
  );
  return {
    port,
    async carried() {
      return figuresOf(await readFirst(folder, '_.csv')).successful;
    },
    async finished(timeoutMs) {
      try {
        const exitCode = await child.waitForExit(timeoutMs);
        return { exitCode, ...figuresOf(await readFirst(folder, '_.csv')), errors: await errors() };
      } catch (cause) {
        throw new Error(`SIPp did not finish; its error log: ${await errors()}`, { cause });
      }
    },
    async stop() {
      await child.stop(500);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readFirst(folder: string, suffix: string): Promise<string> {
  const name = (await readdir(folder)).find((entry) => entry.endsWith(suffix));
  return name === undefined ? '' : readFile(join(folder, name), 'utf8');
}

/** The last line of SIPp's statistics, by the names in its first; `(C)` is cumulative. */
function figuresOf(statistics: string): Pick<SippResult, 'successful' | 'failed' | 'retransmissions'> {
  const [head = '', ...rows] = statistics.trim().split('\n');
  const names = head.split(';');
  const values = (rows.at(-1) ?? '').split(';');
  const figure = (name: string): number => Number(values[names.indexOf(name)] ?? Number.NaN);
  return {
    successful: figure('SuccessfulCall(C)'),
    failed: figure('FailedCall(C)'),
    retransmissions: figure('Retransmissions(C)'),
  };
}

/** By the kernel's own tables, because probing a port would disturb whoever listens on it. */
async function isPortTaken(port: number, protocol: 'udp' | 'tcp'): Promise<boolean> {
  const entry = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const tables = await Promise.all([protocol, `${protocol}6`].map((name) => readFile(`/proc/net/${name}`, 'latin1')));
  return tables.some((table) => table.includes(entry));
}
