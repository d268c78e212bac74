import { readFile } from 'node:fs/promises';

/** CPU seconds that a process has used, all its threads together (proc_pid_stat(5)); null when there is none such. */
export async function cpuSecondsOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  if (stat === '') return null;
  // After the name in brackets, which may hold anything; utime and stime are in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
