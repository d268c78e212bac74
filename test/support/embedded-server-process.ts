import { startEmbeddedServer } from '../../src/db/embedded/server.ts';
import { silentLogger } from '../../src/lib/logger.ts';

/** Starts the embedded server for the data folder given as argument, says so as a JSON line, and stops it at the end of its input. */
const dataDir = process.argv[2] ?? '';
const server = await startEmbeddedServer({ dataDir, isDurable: false, logger: silentLogger() });
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`);
process.stdin.resume();
process.stdin.once('end', () => {
  server.stop().catch((error: unknown) => {
    process.stderr.write(String(error));
    process.exitCode = 1;
  });
});
