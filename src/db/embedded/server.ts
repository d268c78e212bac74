import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { delay } from '../../lib/delay.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { findBinaries } from './binaries.ts';
import { type Location, locate } from './location.ts';
import { claimOwnership, releaseOwnership } from './owner.ts';
import { clearLeftover, isReady, stopServer } from './postmaster.ts';
import { chooseRunAs, cleanEnvironment, type RunAs, run } from './run-as.ts';
import { serverSettings } from './server-settings.ts';

export type EmbeddedServerOptions = {
  /** Holds `postgres/` (the cluster and its log), `postgres-password` (0600), `postgres-port` and `postgres-location`. */
  readonly dataDir: string;
  /** False: no fsync; for tests only. */
  readonly isDurable: boolean;
  readonly logger: Logger;
  readonly clock?: Clock;
};

/** A running PostgreSQL of our own, on 127.0.0.1. */
export interface EmbeddedServer {
  /** With user, password and the database `carillon`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server is gone, wanted or not. */
  readonly exited: Promise<void>;
  /** Lets this process end although the server runs; for tests, which have another way to stop it. */
  unref(): void;
  /** Fast shutdown. Idempotent. */
  stop(): Promise<void>;
}

const userName = 'carillon';
const databaseName = 'carillon';
/** Recovery after a crash may have to replay `max_wal_size` of log. */
const startLimitMs = 300_000;

/**
 * Starts a PostgreSQL from the bundled binaries and waits until it takes connections: makes the cluster on the first start, stops what a killed
 * run left behind, and never runs the server as root (see `location.ts`). The server is in a process group of its own, so that a
 * Ctrl-C in the terminal reaches the supervisor alone. Rejects with an InfrastructureError that quotes the server's last words.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { dataDir, logger } = options;
  const clock = options.clock ?? systemClock;
  const runAs = await chooseRunAs();
  const location = await locate(dataDir, await findBinaries(), { runAs, logger });
  const ownerFile = join(dataDir, 'postgres-owner');
  await claimOwnership(ownerFile);
  const password = await readOrMakePassword(dataDir, location);
  await initialize(location, { runAs, password, logger });
  await clearLeftover(location.cluster, logger);
  const port = await choosePort(join(dataDir, 'postgres-port'));
  const child = await launch(location, { runAs, port, isDurable: options.isDurable });
  const pid = child.pid ?? 0;
  let hasExited = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hasExited = true;
      resolve();
    });
  });
  await waitUntilReady(child, location, clock);
  await ensureDatabase({ port, password });
  logger.info({ port, serverPid: pid, user: runAs.userName, folder: location.home }, 'embedded PostgreSQL is running');
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    // The number of a server that has ended may be another program's by now.
    if (!hasExited) await stopServer(pid, clock);
    await releaseOwnership(ownerFile);
  };
  return {
    url: urlOf(port, password, databaseName),
    port,
    pid,
    exited,
    unref: () => child.unref(),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://${userName}:${password}@127.0.0.1:${port}/${database}`;
}

async function readOrMakePassword(dataDir: string, location: Location): Promise<string> {
  const file = join(dataDir, 'postgres-password');
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known !== null) return known.trim();
  if (await exists(location.cluster)) {
    throw new InfrastructureError(
      `${file} is gone, but the database in ${location.home} needs it: restore it from a backup`,
      {
        retryable: false,
      },
    );
  }
  const password = randomBytes(24).toString('hex');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Makes the cluster under another name first, so that a start that was cut short leaves nothing that looks complete. */
async function initialize(
  location: Location,
  context: { runAs: RunAs; password: string; logger: Logger },
): Promise<void> {
  if (await exists(location.cluster)) return;
  const { runAs, logger } = context;
  logger.info({ folder: location.cluster }, 'making the database cluster');
  const unfinished = `${location.cluster}.new`;
  const passwordFile = join(location.home, 'initdb-password');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(location.home, { recursive: true });
  await writeFile(passwordFile, `${context.password}\n`, { mode: 0o600 });
  if (runAs.ids !== null) await chown(passwordFile, runAs.ids.uid, runAs.ids.gid);
  const result = await run(
    join(location.binaries.root, 'bin', 'initdb'),
    [
      ...['--pgdata', unfinished, '--username', userName, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--no-instructions'],
    ],
    runAs,
  );
  await rm(passwordFile, { force: true });
  if (!result.isSuccess) throw new InfrastructureError(`initdb failed: ${result.output.trim()}`, { retryable: false });
  await rename(unfinished, location.cluster);
}

async function launch(
  location: Location,
  how: { runAs: RunAs; port: number; isDurable: boolean },
): Promise<ChildProcess> {
  const log = await open(location.logFile, 'w');
  try {
    const settings = Object.entries(serverSettings(how)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(location.binaries.root, 'bin', 'postgres'), ['-D', location.cluster, ...settings], {
      ...(how.runAs.ids ?? {}),
      cwd: '/',
      env: cleanEnvironment(),
      detached: true,
      // A file and no pipe: the server must survive a supervisor that is killed.
      stdio: ['ignore', log.fd, log.fd],
    });
    child.on('error', () => child.emit('exit', null, null));
    return child;
  } finally {
    await log.close();
  }
}

async function waitUntilReady(child: ChildProcess, location: Location, clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + startLimitMs;
  let hasExited = child.pid === undefined;
  child.once('exit', () => {
    hasExited = true;
  });
  while (!(await isReady(location.cluster))) {
    if (hasExited || clock.monotonic() > deadline) {
      if (child.pid !== undefined && !hasExited) await stopServer(child.pid, clock);
      const log = await readFile(location.logFile, 'utf8').catch(() => '');
      throw new InfrastructureError(
        `PostgreSQL did not start (${location.logFile}): ${log.trim().split('\n').slice(-5).join(' | ')}`,
        {
          retryable: true,
        },
      );
    }
    await delay(clock, 25);
  }
}

async function ensureDatabase(server: { port: number; password: string }): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(server.port, server.password, 'postgres') });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [databaseName]);
    if (found.rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

/** The port of the last start where it is free, so that tools keep finding the server; any free one otherwise. */
async function choosePort(file: string): Promise<number> {
  const last = Number(await readFile(file, 'utf8').catch(() => '0'));
  const port = (last > 0 ? await tryPort(last) : null) ?? (await tryPort(0));
  if (port === null) throw new InfrastructureError('no free TCP port on 127.0.0.1', { retryable: true });
  await writeFile(file, `${port}\n`);
  return port;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(null));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
