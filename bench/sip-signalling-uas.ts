import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export type SippProcess = { readonly child: ChildProcess; readonly port: number };

/** SIPp's answering side on a free loopback port, with room for a burst in its socket. */
export async function startUas(timeoutS: number, args: readonly string[] = [], cwd?: string): Promise<SippProcess> {
  const sipp = await startSipp(['-sn', 'uas', '-timeout', String(timeoutS), ...args], cwd);
  const listening = `:${sipp.port.toString(16).toUpperCase().padStart(4, '0')} `;
  for (let tries = 0; tries < 250; tries++) {
    if ((await readFile('/proc/net/udp', 'latin1')).includes(listening)) return sipp;
    await delay(20);
  }
  await stopSipp(sipp);
  throw new Error('sipp -sn uas does not listen; is it installed? (apt-get install sip-tester)');
}

/** Starts SIPp with a port of its own and no terminal. */
export async function startSipp(args: readonly string[], cwd = '/tmp'): Promise<SippProcess> {
  const port = await freePort();
  const common = ['-i', '127.0.0.1', '-p', String(port), '-nostdin', '-buff_size', '4194304'];
  const child = spawn('sipp', [...args, ...common], { cwd, stdio: 'ignore', env: { ...process.env, TERM: 'dumb' } });
  child.on('error', () => undefined);
  return { child, port };
}

/** Resolves when it has ended, by our hand after `limitS`: with a call that is neither carried nor failed it outlives its own `-timeout`. */
export async function exitOfSipp(sipp: SippProcess, limitS: number): Promise<void> {
  if (sipp.child.exitCode !== null) return;
  const limit = new AbortController();
  const exited = once(sipp.child, 'exit').finally(() => limit.abort());
  const late = delay(limitS * 1000, null, { signal: limit.signal }).then(
    () => stopSipp(sipp),
    // It ended before.
    () => undefined,
  );
  await Promise.all([exited, late]);
}

/** Ends it by its process id. */
export async function stopSipp({ child }: SippProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  const { port } = socket.address();
  socket.close();
  return port;
}
