import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { InfrastructureError } from '../../lib/errors.ts';

/** Who PostgreSQL runs as. `ids` is null when that is simply whoever runs this process. */
export type RunAs = { readonly userName: string; readonly ids: { readonly uid: number; readonly gid: number } | null };

/** PostgreSQL refuses to run as root; started by root it runs as the first of these that the machine has. */
const unprivilegedUsers = ['carillon', 'postgres', 'nobody'];

/** Chooses who PostgreSQL runs as. Rejects when this process is root and no unprivileged user exists. */
export async function chooseRunAs(): Promise<RunAs> {
  if (process.geteuid?.() !== 0) return { userName: userInfo().username, ids: null };
  for (const userName of unprivilegedUsers) {
    const uid = await idOf(userName, '-u');
    const gid = await idOf(userName, '-g');
    if (uid !== null && gid !== null && uid !== 0) return { userName, ids: { uid, gid } };
  }
  throw new InfrastructureError(
    `PostgreSQL cannot run as root, and none of the users ${unprivilegedUsers.join(', ')} exists: run \`useradd --system carillon\`, ` +
      'start Carillon as another user, or set DATABASE_URL',
    { retryable: false },
  );
}

async function idOf(userName: string, flag: '-u' | '-g'): Promise<number | null> {
  const result = await run('id', [flag, userName], null);
  const id = Number.parseInt(result.output, 10);
  return result.isSuccess && Number.isInteger(id) ? id : null;
}

export type RunResult = { readonly isSuccess: boolean; readonly output: string };

/** Runs a command to its end as that user, in `/`, without the environment's PG* variables. Never rejects. */
export function run(command: string, args: readonly string[], runAs: RunAs | null): Promise<RunResult> {
  return new Promise((resolve) => {
    const options = { cwd: '/', env: cleanEnvironment(), ...(runAs?.ids ?? {}) };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ isSuccess: error === null, output: `${stdout}${stderr}` || (error?.message ?? '') });
    });
  });
}

/** The environment without what would change PostgreSQL's behaviour, and with messages in English. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_'));
  return { ...Object.fromEntries(entries), LC_ALL: 'C' };
}

/** Whether that user can really run this executable: tried, because modes, mounts, ACLs and folders above all have a say. */
export async function canExecute(executable: string, runAs: RunAs): Promise<boolean> {
  return (await run(executable, ['--version'], runAs)).isSuccess;
}

/** Whether that user can really enter and write in this folder. */
export async function canUseFolder(folder: string, runAs: RunAs): Promise<boolean> {
  const script = 'cd "$1" && probe=.carillon-probe.$$ && : > "$probe" && rm "$probe"';
  return (await run('/bin/sh', ['-c', script, 'sh', folder], runAs)).isSuccess;
}
