import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from '../db/database.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/logger.ts';
import { systemRandom } from '../lib/random.ts';
import { createAddressRule } from '../webhook/address-rule.ts';
import { Reporter } from './reporter.ts';
import type { ReporterSettings } from './reporter-worker.ts';

/** The entry of the reporter's thread (`new Worker`); started from anywhere else it does nothing. The first message ends it in order. */
if (!isMainThread && parentPort !== null) {
  const { databaseUrl: url, processId, networks, minuteMs, logLevel } = workerData as ReporterSettings;
  const logger = createLogger('reporter', logLevel);
  // One claims, one writes, and one is for a change of apps.
  const database = openDatabase({ url, maxConnections: 3, applicationName: 'carillon reporter', logger });
  const means = { clock: systemClock, random: systemRandom(), rule: createAddressRule(networks) };
  const reporter = new Reporter({ db: database.db, logger, processId, minuteMs, ...means });
  reporter.start();
  const port = parentPort;
  port.once('message', () => {
    const end = (): void => port.close();
    void reporter
      .close()
      .then(() => database.close())
      .catch((error: unknown) => logger.error({ err: error }, 'closing the reporter failed'))
      .finally(end);
  });
}
