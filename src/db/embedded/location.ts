import { createHash } from 'node:crypto';
import { access, chmod, chown, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type Binaries, copyBinaries } from './binaries.ts';
import { canExecute, canUseFolder, type RunAs } from './run-as.ts';

/** Where a database cluster and the binaries that serve it are, both usable by `runAs`. */
export type Location = {
  readonly binaries: Binaries;
  /** Owned by the user; holds the cluster folder and PostgreSQL's log. */
  readonly home: string;
  readonly cluster: string;
  readonly logFile: string;
};

/** What the user can use when the clone or the data folder is closed to it. */
const fallbackRoot = '/var/lib/carillon';

/**
 * Decides where the cluster lives: in `<dataDir>/postgres`, or, where root keeps the data folder in one that the unprivileged user cannot
 * enter (a clone in /root, say), in `/var/lib/carillon/<hash of the data folder's path>`. The choice is written to
 * `<dataDir>/postgres-location` and kept. The binaries are copied to `/var/lib/carillon` when the user cannot run them in place.
 */
export async function locate(
  dataDir: string,
  binaries: Binaries,
  context: { runAs: RunAs; logger: Logger },
): Promise<Location> {
  const { runAs, logger } = context;
  await mkdir(dataDir, { recursive: true });
  const home = await chooseHome(resolve(dataDir), context);
  let usable = binaries;
  if (!(await canExecute(join(binaries.root, 'bin', 'postgres'), runAs))) {
    usable = runAs.ids === null ? binaries : await copyBinaries(binaries, fallbackRoot, logger);
    await assertExecutable(usable, runAs);
  }
  return { binaries: usable, home, cluster: join(home, 'cluster'), logFile: join(home, 'postgres.log') };
}

async function chooseHome(dataDir: string, context: { runAs: RunAs; logger: Logger }): Promise<string> {
  const { runAs, logger } = context;
  const record = join(dataDir, 'postgres-location');
  const inPlace = join(dataDir, 'postgres');
  const recorded = await readFile(record, 'utf8').catch(() => null);
  const home = recorded?.trim() ?? inPlace;
  await makeFolder(home, runAs);
  if (await canUseFolder(home, runAs)) {
    if (recorded === null) await writeFile(record, `${home}\n`);
    return home;
  }
  const hasCluster = await exists(join(home, 'cluster'));
  if (runAs.ids === null || hasCluster) {
    throw new InfrastructureError(
      `the database folder ${home} cannot be used by ${runAs.userName}, whom PostgreSQL runs as: let that user enter the folders above it ` +
        '(chmod a+x) and own the folder itself, or choose another CARILLON_DATA_DIR',
      { retryable: false },
    );
  }
  const fallback = join(fallbackRoot, createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
  await mkdir(fallbackRoot, { recursive: true });
  // Not by mkdir, where a strict umask would take away again what others need.
  await chmod(fallbackRoot, 0o755);
  await setAsideOld(fallback, logger);
  await makeFolder(fallback, runAs);
  if (!(await canUseFolder(fallback, runAs))) {
    throw new InfrastructureError(
      `neither ${home} nor ${fallback} can be used by ${runAs.userName}: choose another CARILLON_DATA_DIR`,
      {
        retryable: false,
      },
    );
  }
  await writeFile(record, `${fallback}\n`);
  logger.warn(
    { dataDir, databaseFolder: fallback, user: runAs.userName },
    'the data folder is closed to the user that PostgreSQL runs as; the database is kept elsewhere',
  );
  return fallback;
}

/** The data folder was deleted and begins anew, with a new password; what it had left behind here is kept, but out of the way. */
async function setAsideOld(folder: string, logger: Logger): Promise<void> {
  if (!(await exists(join(folder, 'cluster')))) return;
  const aside = `${folder}.old-${Date.now()}`;
  await rename(folder, aside);
  logger.warn({ kept: aside }, 'a database of a deleted data folder was set aside; delete it when it is not needed');
}

async function makeFolder(folder: string, runAs: RunAs): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  if (runAs.ids !== null) await chown(folder, runAs.ids.uid, runAs.ids.gid);
}

async function assertExecutable(binaries: Binaries, runAs: RunAs): Promise<void> {
  if (await canExecute(join(binaries.root, 'bin', 'postgres'), runAs)) return;
  throw new InfrastructureError(
    `${binaries.root}/bin/postgres cannot be run as ${runAs.userName}: try it by hand to see why, or set DATABASE_URL to a server of your own`,
    { retryable: false },
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
