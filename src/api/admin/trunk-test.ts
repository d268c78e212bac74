import type { Db } from '../../db/tables.ts';
import {
  endTrunkTest,
  requestTrunkTest,
  type TrunkTestReport,
  trunkTestReports,
} from '../../domain/trunk/trunk-test.ts';
import type { Clock } from '../../lib/clock.ts';
import { delay } from '../../lib/delay.ts';
import { readTrunkStatus } from './trunk-status.ts';

/** A dialer gives a trunk 5 s; what is left is for the database. */
const patienceMs = 7000;
const lookEveryMs = 100;

/** Has every live dialer process look at a trunk, and waits for them. Throws `unknownEntry`. */
export async function testTrunk(db: Db, clock: Clock, trunkId: number) {
  const trunkTestId = await requestTrunkTest(db, trunkId);
  try {
    const reports = await allReports(db, clock, trunkTestId);
    const { processes } = await readTrunkStatus(db, trunkId);
    return {
      trunkId,
      at: new Date(clock.now()).toISOString(),
      isReachable: reports.some(({ examination }) => examination?.servers.some(({ status }) => isThere(status))),
      processes: reports.map(({ processId, host, examination }) => ({
        processId,
        host,
        problem: examination === null ? 'the process did not say in time' : examination.problem,
        servers: examination === null ? [] : [...examination.servers],
        registration: processes.find((process) => process.processId === processId)?.registration ?? null,
      })),
    };
  } finally {
    await endTrunkTest(db, trunkTestId);
  }
}

async function allReports(db: Db, clock: Clock, trunkTestId: number): Promise<readonly TrunkTestReport[]> {
  const deadline = clock.monotonic() + patienceMs;
  for (;;) {
    const reports = await trunkTestReports(db, trunkTestId);
    if (reports.every(({ examination }) => examination !== null) || clock.monotonic() >= deadline) return reports;
    await delay(clock, lookEveryMs);
  }
}

/** Who refuses OPTIONS is there all the same; who cannot now, or heard from nobody, is not. */
function isThere(status: number | null): boolean {
  return status !== null && status !== 408 && status !== 503;
}
