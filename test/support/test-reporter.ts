import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/tables.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { Reporter, type ReporterOptions } from '../../src/reporter/reporter.ts';
import { createAddressRule } from '../../src/webhook/address-rule.ts';

/** A started reporter that may post to 127.0.0.1, with a schedule a thousand times as fast as the real one unless told otherwise. */
export function startTestReporter(db: Db, options: Partial<ReporterOptions> = {}): Reporter {
  const reporter = new Reporter({
    ...{ db, clock: systemClock, random: seededRandom(1), logger: silentLogger(), processId: randomUUID() },
    ...{ rule: createAddressRule(['127.0.0.1']), minuteMs: 60 },
    ...options,
  });
  reporter.start();
  return reporter;
}
