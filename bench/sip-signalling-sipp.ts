import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isClean, type SignallingStep } from './sip-signalling-carillon.ts';
import { startSipp, startUas, stopSipp } from './sip-signalling-uas.ts';

/** The same step with SIPp's own caller (`-sn uac`). */
export async function stepWithSipp(rate: number, seconds: number): Promise<SignallingStep> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-bench-'));
  const uas = await startUas(seconds + 60);
  const calls = rate * seconds;
  const args = ['-sn', 'uac', `127.0.0.1:${uas.port}`, '-r', String(rate), '-m', String(calls), '-l', String(calls)];
  const statistics = ['-trace_stat', '-fd', '1', '-timeout', String(seconds + 40)];
  const uac = await startSipp([...args, ...statistics], folder);
  try {
    const exited = once(uac.child, 'exit');
    const cpuS = await cpuUntilExit(uac.child.pid ?? 0, exited);
    const name = (await readdir(folder)).find((entry) => entry.endsWith('_.csv'));
    const figures = readFigures(name === undefined ? '' : await readFile(join(folder, name), 'utf8'), calls);
    const step = {
      rate,
      calls,
      failed: calls - figures.successful,
      retransmissions: figures.retransmissions,
      reached: figures.reached,
      cpuPerCallUs: Math.round((cpuS * 1e6) / calls),
    };
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
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime and stime, in ticks of 10 ms (proc_pid_stat(5)).
    if (stat !== '') cpuS = (Number(fields[11]) + Number(fields[12])) / 100;
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  return cpuS;
}

type Figures = { readonly successful: number; readonly retransmissions: number; readonly reached: number };

/** From the rows of `-trace_stat`, one a second; `(C)` is cumulative. */
function readFigures(text: string, calls: number): Figures {
  const [head = '', ...rows] = text.trim().split('\n');
  const names = head.split(';');
  const figure = (row: string | undefined, name: string): string => row?.split(';')[names.indexOf(name)] ?? '';
  const last = rows.at(-1);
  const created = (row: string): number => Number(figure(row, 'OutgoingCall(C)'));
  // The rate while it was calling: the rows in which not all calls had begun.
  const calling = rows.filter((row) => created(row) > 0 && created(row) < calls);
  const rates = calling.slice(1).map((row) => Number(figure(row, 'OutgoingCall(P)')));
  const periods = calling.slice(1).map((row) => secondsOf(figure(row, 'ElapsedTime(P)')));
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  return {
    successful: Number(figure(last, 'SuccessfulCall(C)')),
    retransmissions: Number(figure(last, 'Retransmissions(C)')),
    reached: Math.round(total(rates) / (total(periods) || Number.NaN)),
  };
}

/** `hh:mm:ss:uuuuuu`, or with a dot before the fraction. */
function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0, micros = 0] = text.split(/[:.]/).map(Number);
  return hours * 3600 + minutes * 60 + seconds + micros / 1e6;
}
