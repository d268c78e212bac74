// Runs a TypeScript file of this project with the Node that the project brings along: node scripts/run.mjs FILE [arguments].
// Installs the dependencies first when they are missing or older than the lock file. Plain JavaScript for whatever Node (18 or later)
// the machine has; no dependencies.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.carillon-lock-hash');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const node = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

const [target, ...args] = process.argv.slice(2);
if (target === undefined) fail('usage: node scripts/run.mjs FILE.ts [arguments]');
if (!existsSync(resolve(root, target))) fail(`there is no ${target}`);

if (!isInstalled()) install();
run();

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** Whether what is installed is what the lock file says: by our stamp, or by npm's own when npm was run by hand. */
function isInstalled() {
  if (!existsSync(node)) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true;
  const npmStamp = join(modules, '.package-lock.json');
  if (!existsSync(npmStamp)) return false;
  if (statSync(npmStamp).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs) return false;
  writeFileSync(stamp, lockHash());
  return true;
}

/** One installation at a time: two commands started together on a fresh clone would remove each other's files. */
function install() {
  const lock = join(tmpdir(), `carillon-install-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  const deadline = Date.now() + 15 * 60_000;
  while (!takeLock(lock)) {
    if (Date.now() > deadline) fail(`another installation does not end (if there is none, delete ${lock})`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }
  process.on('exit', () => rmSync(lock, { force: true }));
  if (isInstalled()) return;
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    // npm ci would empty the folder that the link leads to, under whoever else uses it.
    fail('node_modules is a link, and not what package-lock.json says: install where it leads to, or remove the link');
  }
  console.error('carillon: installing dependencies (npm ci), once ...');
  // npm judges engines by the machine's own node, but what is installed here runs on the one it brings.
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: 'inherit' });
  if (result.error) fail(`npm could not be started: ${result.error.message}`);
  if (result.status !== 0) fail('npm ci failed; see above');
  ensureNode();
  writeFileSync(stamp, lockHash());
  rmSync(lock, { force: true });
}

function takeLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const holder = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : '0');
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Some npm versions hold back install scripts; the package `node` needs its own to put the executable in place. */
function ensureNode() {
  if (existsSync(node)) return;
  const rebuild = spawnSync(npm, ['rebuild', 'node', '--ignore-scripts=false'], { cwd: root, stdio: 'inherit' });
  if (rebuild.status !== 0 || !existsSync(node)) {
    fail('the package `node` did not bring its executable; try: npm rebuild node --ignore-scripts=false');
  }
  chmodSync(node, 0o755);
}

/** Hands over: same terminal, same signals, same exit code. */
function run() {
  const child = spawn(node, [resolve(root, target), ...args], { stdio: 'inherit', cwd: process.cwd() });
  // From a terminal the child gets Ctrl-C itself, as part of the same process group; passed on, it would count as a second one.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** @returns {never} */
function fail(message) {
  console.error(`carillon: ${message}`);
  process.exit(1);
}
