import { readdir, readFile } from 'node:fs/promises';

export type ProcessFacts = { readonly pid: number; readonly parentPid: number; readonly command: string };

/** All descendants of a process, by the kernel's own table. */
export async function descendantsOf(pid: number): Promise<ProcessFacts[]> {
  const all = await allProcesses();
  const found: ProcessFacts[] = [];
  const parents = [pid];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const facts of all) {
      if (facts.parentPid !== parent) continue;
      found.push(facts);
      parents.push(facts.pid);
    }
  }
  return found;
}

async function allProcesses(): Promise<ProcessFacts[]> {
  const facts: ProcessFacts[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = await readFile(`/proc/${name}/stat`, 'latin1');
      const command = (await readFile(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
      // After the name in brackets, which may hold anything: state, then the parent.
      const parentPid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      facts.push({ pid: Number(name), parentPid, command });
    } catch (error) {
      // It ended while we were looking.
      if (!isGone(error)) throw error;
    }
  }
  return facts;
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ESRCH';
}

/** The largest resident size a process has had, in MB. */
export async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024);
}
