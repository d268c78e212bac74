import { spawn } from 'node:child_process';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedServer } from '../../src/db/embedded/server.ts';
import { silentLogger } from '../../src/lib/logger.ts';

/** The variable by which the test runner tells the test files where their server is. */
export const testDatabaseVariable = 'CARILLON_TEST_DATABASE_URL';

/**
 * Starts a throw-away PostgreSQL that ends with this process, however this process ends: a shell reads from a pipe that the system closes
 * when we are gone, stops the server and deletes its folder.
 */
export async function startTestServer(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'carillon-test-'));
  // mkdtemp closes the folder to all others, and started by root the server runs as another user.
  await chmod(dataDir, 0o711);
  const server = await startEmbeddedServer({ dataDir, isDurable: false, logger: silentLogger() });
  // Not `kill -0`: where nobody reaps orphans, a dead server's number stays taken.
  const script =
    'cat > /dev/null; kill -INT "$1"; for i in $(seq 100); do [ -e "$3" ] || break; sleep 0.05; done; rm -rf "$2"';
  const pidFile = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
  const guard = spawn('/bin/sh', ['-c', script, 'sh', String(server.pid), dataDir, pidFile], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  if (guard.stdin && 'unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  server.unref();
  return server.url;
}
