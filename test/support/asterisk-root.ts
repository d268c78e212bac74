import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** A Debian root with Asterisk in it: the stable releases have none, Debian sid has 22. Only read: every instance has folders of its own. */
export type AsteriskRoot = {
  /** How Asterisk is started from outside the root: the root's own dynamic loader with its own libraries, so that no chroot and no right to one is needed. */
  readonly command: string;
  readonly args: readonly string[];
  readonly modules: string;
  /** Sounds and, above all, the XML that res_pjsip reads its settings' types from. */
  readonly data: string;
};

/** Made once per machine, outside the repository; `CARILLON_TEST_CACHE` puts it elsewhere. */
const root = join(process.env.CARILLON_TEST_CACHE ?? join(homedir(), '.cache', 'carillon-tests'), 'asterisk');
const longestMakingMs = 15 * 60_000;

const platforms: Readonly<Record<string, { readonly triplet: string; readonly loader: string }>> = {
  x64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/** Where everything is. Throws, with the command, when it is not there yet. */
export function asteriskRoot(): AsteriskRoot {
  const platform = platforms[process.arch];
  if (platform === undefined) throw new Error(`no Asterisk for tests on ${process.arch}`);
  if (!hasAsterisk()) throw new Error(`the tests need Asterisk; make its root with:\n  ${makingCommand()}`);
  const libraries = join(root, 'usr/lib', platform.triplet);
  // Where the loader lies differs between architectures and releases; the library folder has it everywhere.
  const loader = [join(libraries, platform.loader), join(root, 'usr/lib64', platform.loader)].find(existsSync);
  if (loader === undefined) throw new Error(`no ${platform.loader} in ${root}`);
  return {
    command: loader,
    args: ['--library-path', libraries, join(root, 'usr/sbin/asterisk')],
    modules: join(libraries, 'asterisk/modules'),
    data: join(root, 'usr/share/asterisk'),
  };
}

/**
 * Makes the root when it is missing, which takes about a minute and 400 MB; one process at a time, the others wait. Returns whether it is there now; says on the
 * terminal what is done, or which command does it.
 */
export function ensureAsteriskRoot(): boolean {
  if (hasAsterisk()) return true;
  if (process.geteuid?.() !== 0) {
    say(`the tests need Asterisk 22, in a Debian root of its own. Make it with:\n  ${makingCommand()}`);
    return false;
  }
  mkdirSync(dirname(root), { recursive: true });
  const lock = `${root}.lock`;
  const deadline = Date.now() + longestMakingMs;
  while (!takeLock(lock)) {
    if (Date.now() > deadline) throw new Error(`somebody else's debootstrap does not end (else delete ${lock})`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }
  try {
    if (!hasAsterisk()) make();
  } finally {
    rmSync(lock, { force: true });
  }
  if (!hasAsterisk()) say(`Asterisk could not be put into a root; try:\n  ${makingCommand()}`);
  return hasAsterisk();
}

/** Aside first: what is there under its final name is complete. */
function make(): void {
  say('fetching Asterisk 22 into a Debian root, once per machine (a minute or two) ...');
  const partial = `${root}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const result = spawnSync('debootstrap', makingArgs(partial), { stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status === 0) renameSync(partial, root);
}

function makingArgs(folder: string): string[] {
  return ['--variant=minbase', '--include=asterisk', 'sid', folder];
}

function makingCommand(): string {
  return `sudo apt-get install -y debootstrap && sudo debootstrap ${makingArgs(root).join(' ')}`;
}

function hasAsterisk(): boolean {
  return existsSync(join(root, 'usr/sbin/asterisk'));
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
    if (holder > 0 && !existsSync(`/proc/${holder}`)) rmSync(lock, { force: true });
    return false;
  }
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}
