import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { findBinaries } from '../../src/db/embedded/binaries.ts';
import { locate } from '../../src/db/embedded/location.ts';
import { isAlive } from '../../src/db/embedded/postmaster.ts';
import { canExecute, chooseRunAs } from '../../src/db/embedded/run-as.ts';
import { startEmbeddedServer } from '../../src/db/embedded/server.ts';
import { silentLogger } from '../../src/lib/logger.ts';

const isRoot = process.geteuid?.() === 0;
const onlyRoot = isRoot ? false : 'only root can change users and close folders to them';
const logger = silentLogger();
const program = fileURLToPath(new URL('../support/embedded-server-process.ts', import.meta.url));

let folder: string;
let trash: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-embedded-'));
  await chmod(folder, 0o755);
  trash = [folder];
});
afterEach(async () => {
  for (const path of trash) await rm(path, { recursive: true, force: true });
});

async function query(url: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query({ text, rowMode: 'array' });
    return result.rows[0]?.[0];
  } finally {
    await client.end();
  }
}

type Running = { child: ChildProcess; url: string; pid: number };

async function startProcess(dataDir: string, ids: { uid?: number; gid?: number } = {}): Promise<Running> {
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['pipe', 'pipe', 'inherit'], ...ids });
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) return { child, ...JSON.parse(line) };
  throw new Error('the server process ended without a word');
}

async function stopProcess(running: Running): Promise<void> {
  running.child.stdin?.end();
  const [code] = await once(running.child, 'exit');
  assert.equal(code, 0);
}

test('keeps its data, its port and its password over a restart', async () => {
  const first = await startEmbeddedServer({ dataDir: folder, isDurable: true, logger });
  assert.equal(await query(first.url, 'show server_encoding'), 'UTF8');
  assert.equal(await query(first.url, 'show fsync'), 'on');
  assert.equal(await query(first.url, 'select datcollate from pg_database where datname = current_database()'), 'C');
  await query(first.url, 'create table kept as select 42 as x');
  await assert.rejects(query(first.url.replace(/:[^:@]*@/, ':wrong@'), 'select 1'), /password authentication failed/);
  await first.stop();
  await first.exited;
  const second = await startEmbeddedServer({ dataDir: folder, isDurable: true, logger });
  try {
    assert.equal(second.url, first.url);
    assert.equal(await query(second.url, 'select x from kept'), 42);
    assert.equal((await stat(join(folder, 'postgres-password'))).mode & 0o777, 0o600);
    assert.equal(Number(await readFile(join(folder, 'postgres-port'), 'utf8')), second.port);
  } finally {
    await second.stop();
  }
});

test('stops the server of a killed run and takes its data over', async () => {
  const killed = await startProcess(folder);
  await query(killed.url, 'create table kept as select 1 as x');
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  assert.equal(isAlive(killed.pid), true);
  const next = await startEmbeddedServer({ dataDir: folder, isDurable: false, logger });
  try {
    assert.equal(isAlive(killed.pid), false);
    assert.equal(await query(next.url, 'select x from kept'), 1);
  } finally {
    await next.stop();
  }
});

test('recovers when the server itself was killed, also when its number belongs to another program by now', async () => {
  const killed = await startProcess(folder);
  process.kill(killed.pid, 'SIGKILL');
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  const pidFile = join(folder, 'postgres', 'cluster', 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8')).split('\n');
  lines[0] = String(process.pid);
  await writeFile(pidFile, lines.join('\n'));
  const next = await startEmbeddedServer({ dataDir: folder, isDurable: false, logger });
  try {
    assert.equal(await query(next.url, 'select 1'), 1);
  } finally {
    await next.stop();
  }
});

test('refuses a data folder that another process has in use', async () => {
  const other = await startProcess(folder);
  try {
    await assert.rejects(
      startEmbeddedServer({ dataDir: folder, isDurable: false, logger }),
      new RegExp(`another Carillon \\(pid ${other.child.pid}\\) runs with this data folder`),
    );
    assert.equal(await query(other.url, 'select 1'), 1);
  } finally {
    await stopProcess(other);
  }
});

test('as root, with the data folder closed to all others, the cluster lives elsewhere', {
  skip: onlyRoot,
}, async () => {
  await chmod(folder, 0o700);
  const dataDir = join(folder, 'data');
  const first = await startEmbeddedServer({ dataDir, isDurable: false, logger });
  const home = (await readFile(join(dataDir, 'postgres-location'), 'utf8')).trim();
  trash.push(home);
  assert.match(home, /^\/var\/lib\/carillon\/[0-9a-f]{16}$/);
  assert.notEqual((await stat(`/proc/${first.pid}`)).uid, 0);
  await query(first.url, 'create table kept as select 7 as x');
  await first.stop();
  const second = await startEmbeddedServer({ dataDir, isDurable: false, logger });
  try {
    assert.equal(await query(second.url, 'select x from kept'), 7);
  } finally {
    await second.stop();
  }
});

test('as root, with the clone closed to all others, the binaries are copied once', { skip: onlyRoot }, async () => {
  await chmod(folder, 0o700);
  const original = await findBinaries();
  const closed = { root: join(folder, 'native'), version: `test-${process.pid}` };
  trash.push(`/var/lib/carillon/postgresql-${closed.version}`);
  await cp(original.root, closed.root, { recursive: true, verbatimSymlinks: true });
  const dataDir = await mkdtemp(join(tmpdir(), 'carillon-embedded-'));
  trash.push(dataDir);
  await chmod(dataDir, 0o755);
  const runAs = await chooseRunAs();
  const location = await locate(dataDir, closed, { runAs, logger });
  assert.equal(location.binaries.root, `/var/lib/carillon/postgresql-${closed.version}`);
  assert.equal(location.home, join(dataDir, 'postgres'));
  assert.equal(await canExecute(join(location.binaries.root, 'bin', 'initdb'), runAs), true);
});

test('runs as an ordinary user', { skip: onlyRoot }, async (context) => {
  const runAs = await chooseRunAs();
  assert.ok(runAs.ids);
  if (!(await canExecute(process.execPath, runAs))) return context.skip('this clone is closed to other users');
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  await chown(dataDir, runAs.ids.uid, runAs.ids.gid);
  const running = await startProcess(dataDir, runAs.ids);
  assert.equal(await query(running.url, 'select 1'), 1);
  assert.equal((await stat(`/proc/${running.pid}`)).uid, runAs.ids.uid);
  await stopProcess(running);
});
