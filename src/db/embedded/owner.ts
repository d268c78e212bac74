import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { InfrastructureError } from '../../lib/errors.ts';
import { isAlive } from './postmaster.ts';

/**
 * Marks the data folder as used by this process. Rejects when another living process has it: two supervisors would stop each other's
 * database. The mark holds the process's start time besides its number, so that a number used again does not count.
 */
export async function claimOwnership(file: string): Promise<void> {
  const [pidText, startedAt] = (await readFile(file, 'utf8').catch(() => '')).trim().split(' ');
  const pid = Number(pidText);
  if (pid > 0 && pid !== process.pid && isAlive(pid) && startedAt === (await startTimeOf(pid))) {
    throw new InfrastructureError(
      `another Carillon (pid ${pid}) runs with this data folder: stop it first, or give this one a CARILLON_DATA_DIR of its own`,
      { retryable: false },
    );
  }
  await writeFile(file, `${process.pid} ${await startTimeOf(process.pid)}\n`);
}

export async function releaseOwnership(file: string): Promise<void> {
  await rm(file, { force: true });
}

/** An opaque text that differs between two processes that had the same number one after the other. */
async function startTimeOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // proc(5): the 22nd field; counted after the command name, which may hold anything but ends at the last parenthesis.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  }
  const result = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return result.stdout.trim().replaceAll(' ', '-');
}
