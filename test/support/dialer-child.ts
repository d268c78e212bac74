import { openDatabase } from '../../src/db/database.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { benchDialer } from './dialer-fixture.ts';

/**
 * A dialer in a process of its own, to be killed or stopped: `dialer-child.ts <database url>`. Says its process id, then a line for each call
 * that it dials; ends with code 3 when it is fenced.
 */
const [, , url] = process.argv;
if (url === undefined) throw new Error('usage: dialer-child.ts <database url>');
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
// Stopped in a transaction it would hold its locks for a minute.
const idleInTransactionMs = 3000;
const database = openDatabase({
  ...{ url, maxConnections: 6, applicationName: 'child', logger: silentLogger() },
  idleInTransactionMs,
});
const it = benchDialer(
  database,
  (request) => {
    say(`dial ${request.sipCallId}`);
    return { ringAfterMs: 5, answerAfterMs: 20 };
  },
  { promptMs: 400, onFenced: () => process.exit(3) },
);
await it.dialer.start();
say(`process ${it.processId}`);
