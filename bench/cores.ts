import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Which cores a bench gives to whom, as taskset(1) reads them. */
export type CoreShare = {
  /** The one core of what is measured. */
  readonly measured: string;
  /** All others: far sides, captures, the bench itself. */
  readonly others: string;
};

/** Throws where there is no second core. */
export function shareCores(): CoreShare {
  const cores = availableParallelism();
  if (cores < 2) throw new Error('this bench needs two cores: one for what is measured, one for its far side');
  return { measured: '0', others: cores === 2 ? '1' : `1-${cores - 1}` };
}

/** Binds a process, with all its threads and all that they start from now on, to cores. */
export function pinProcess(pid: number, cores: string): void {
  const { status, error, stderr } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]);
  if (status !== 0) throw new Error(`taskset (util-linux) failed: ${error?.message ?? stderr}`);
}
