import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { delay } from '../../lib/delay.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';

/** A fast shutdown rolls back what is open and writes a checkpoint, which can take a while on a slow disk. */
const fastShutdownMs = 60_000;

/** Whether the server of this cluster has written that it takes connections (`postmaster.pid`, eighth line). */
export async function isReady(cluster: string): Promise<boolean> {
  const lines = await pidFileLines(cluster);
  return lines?.[7]?.trim() === 'ready';
}

/**
 * Clears the way for a new server on this cluster. A server that a killed supervisor left behind is stopped (its supervisor is gone: `owner`
 * says so before this is called), and a pid file whose number now belongs to some other program is removed, because PostgreSQL
 * would take that program for itself. Any other stale pid file is PostgreSQL's own to judge.
 */
export async function clearLeftover(cluster: string, logger: Logger): Promise<void> {
  const pid = Number.parseInt((await pidFileLines(cluster))?.[0] ?? '', 10);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return;
  const command = await commandLineOf(pid);
  if (command !== null && !command.includes(cluster)) {
    logger.warn({ pid }, 'removing a stale PostgreSQL pid file: its number belongs to another program');
    await rm(join(cluster, 'postmaster.pid'), { force: true });
    return;
  }
  logger.warn({ pid }, 'stopping a PostgreSQL that an earlier run left behind');
  await stopServer(pid);
}

/** Fast shutdown (SIGINT) and, if that takes too long, an immediate one (SIGQUIT), from which the next start recovers. */
export async function stopServer(pid: number, clock: Clock = systemClock): Promise<void> {
  if (!signal(pid, 'SIGINT')) return;
  if (await waitForExit(pid, fastShutdownMs, clock)) return;
  signal(pid, 'SIGQUIT');
  if (await waitForExit(pid, 10_000, clock)) return;
  throw new InfrastructureError(`PostgreSQL (pid ${pid}) does not stop`, { retryable: true });
}

async function waitForExit(pid: number, limitMs: number, clock: Clock): Promise<boolean> {
  const deadline = clock.monotonic() + limitMs;
  while (isAlive(pid)) {
    if (clock.monotonic() > deadline) return false;
    await delay(clock, 25);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/**
 * Whether a process with this number runs, whoever owns it. A dead one that nobody has waited for does not count: in a container whose first
 * process does not reap orphans it stays in the table for ever.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return process.platform !== 'linux' || !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    // proc(5): the state comes after the command name, which may hold anything but ends at the last parenthesis.
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/** The command line of a process; null when the system does not say. */
async function commandLineOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
      (text) => text.replaceAll('\0', ' '),
      () => null,
    );
  }
  return promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).then(
    (result) => result.stdout,
    () => null,
  );
}

async function pidFileLines(cluster: string): Promise<string[] | null> {
  return readFile(join(cluster, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => null,
  );
}
