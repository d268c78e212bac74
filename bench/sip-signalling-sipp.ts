import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSecondsOf } from './process-cpu.ts';
import { isClean, type SignallingStep } from './sip-signalling-carillon.ts';
import { exitOfSipp, startSipp, startUas, stopSipp } from './sip-signalling-uas.ts';
import { readSippStatistics } from './sipp-statistics.ts';

/** The same step with SIPp's own caller (`-sn uac`). */
export async function stepWithSipp(rate: number, seconds: number): Promise<SignallingStep> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-bench-'));
  const uas = await startUas(seconds + 60);
  const calls = rate * seconds;
  const args = ['-sn', 'uac', `127.0.0.1:${uas.port}`, '-r', String(rate), '-m', String(calls), '-l', String(calls)];
  const statistics = ['-trace_stat', '-fd', '1', '-timeout', String(seconds + 40)];
  const uac = await startSipp([...args, ...statistics], folder);
  try {
    const exited = exitOfSipp(uac, seconds + 50);
    const cpuS = await cpuUntilExit(uac.child.pid ?? 0, exited);
    const { successful, retransmissions, reached } = await readSippStatistics(folder, calls, 'OutgoingCall');
    const cpuPerCallUs = Math.round((cpuS * 1e6) / calls);
    const step = { rate, calls, failed: calls - successful, retransmissions, reached, cpuPerCallUs };
    return { ...step, isClean: isClean(step) };
  } finally {
    await stopSipp(uac);
    await stopSipp(uas);
    await rm(folder, { recursive: true, force: true });
  }
}

/** CPU seconds of a process, read every 100 ms until it has gone. */
async function cpuUntilExit(pid: number, exited: Promise<unknown>): Promise<number> {
  let cpuS = 0;
  let isRunning = true;
  const end = exited.then(() => {
    isRunning = false;
  });
  while (isRunning) {
    cpuS = (await cpuSecondsOf(pid)) ?? cpuS;
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  return cpuS;
}
