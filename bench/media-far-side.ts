import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../test/support/free-port.ts';
import { until } from '../test/support/until.ts';
import { pinProcess } from './cores.ts';
import type { BenchCodec } from './media-codec.ts';
import { cpuSecondsOf } from './process-cpu.ts';

/** Several SIPp, each of which answers its share of the calls and sends their audio back (`-rtp_echo`). */
export interface EchoingFarSide {
  readonly sipPorts: readonly number[];
  /** CPU seconds of all of them so far. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

export type FarSideOptions = {
  readonly cores: string;
  readonly processes: number;
  readonly codec: BenchCodec;
  /** The port for the audio of the first one; the next has the fourth after it. */
  readonly firstRtpPort: number;
};

/** SIPp has a socket and a thread for the echo of all its calls together. */
export const farSidePortStep = 4;

const scenario = fileURLToPath(new URL('./scenarios/uas-echo.xml', import.meta.url));

/** Starts them on `cores` and waits until they listen. */
export async function startEchoingFarSide(options: FarSideOptions): Promise<EchoingFarSide> {
  const { cores, processes, firstRtpPort, codec } = options;
  const started: { readonly child: ChildProcess; readonly port: number }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(({ child }) => end(child)));
  };
  try {
    for (let index = 0; index < processes; index += 1) {
      const port = await freePort();
      const child = startEcho(port, firstRtpPort + farSidePortStep * index, codec);
      started.push({ child, port });
      await until(() => isListening(port), { what: 'sipp to listen (apt-get install sip-tester)', timeoutMs: 10_000 });
      pinProcess(child.pid ?? 0, cores);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    sipPorts: started.map(({ port }) => port),
    async cpuSeconds() {
      const each = await Promise.all(started.map(({ child }) => cpuSecondsOf(child.pid ?? 0)));
      return each.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
    },
    stop,
  };
}

function startEcho(port: number, rtpPort: number, { name, payloadType }: BenchCodec): ChildProcess {
  const host = '127.0.0.1';
  const audio = ['-mi', host, '-mp', String(rtpPort), '-rtp_echo'];
  const keys = ['-key', 'payload_type', String(payloadType), '-key', 'codec', name];
  const args = [
    '-sf',
    scenario,
    ...keys,
    '-i',
    host,
    '-p',
    String(port),
    ...audio,
    '-nostdin',
    '-buff_size',
    '4194304',
  ];
  const child = spawn('sipp', args, { cwd: '/tmp', stdio: 'ignore', env: { ...process.env, TERM: 'dumb' } });
  // Where it is missing it does not listen.
  child.on('error', () => undefined);
  return child;
}

async function isListening(port: number): Promise<boolean> {
  const entry = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  return (await readFile('/proc/net/udp', 'latin1')).includes(entry);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
