import type { CallEngine } from '../call/engine.ts';
import type { Db } from '../db/tables.ts';
import { getTrunk } from '../domain/trunk/trunk-store.ts';
import { trunkOfTest, writeTrunkTestReport } from '../domain/trunk/trunk-test.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { targetOf } from './trunk-target.ts';

export type TrunkTesterDeps = {
  readonly db: Db;
  readonly engine: Pick<CallEngine, 'examine'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly processId: string;
};

/** How long a trunk is looked at: long enough for an INVITE's worth of repetitions, short enough for somebody who waits. */
const examineMs = 5000;

/** Looks at a trunk when an operator wants to know, and writes down what it sees. The trunk is read anew: it may have been changed a moment ago. */
export class TrunkTester {
  readonly #deps: TrunkTesterDeps;
  readonly #abort = new AbortController();

  constructor(deps: TrunkTesterDeps) {
    this.#deps = deps;
  }

  /** A notification came; its payload is '' when some may have been missed: whoever waits for those will see that nobody answered. Never rejects. */
  async test(payload: string): Promise<void> {
    const { db, processId, logger } = this.#deps;
    const trunkTestId = Number(payload);
    if (payload === '' || this.#abort.signal.aborted) return;
    try {
      const trunkId = await trunkOfTest(db, trunkTestId);
      if (trunkId === null) return;
      const examination = await this.#examine(trunkId);
      await writeTrunkTestReport(db, { trunkTestId, processId, examination });
    } catch (error) {
      logger.warn({ err: error, trunkTestId }, 'a trunk could not be tested');
    }
  }

  /** Gives up what is under way. */
  close(): void {
    this.#abort.abort(new Error('the dialer is stopping'));
  }

  async #examine(trunkId: number) {
    const { db, engine, clock } = this.#deps;
    const trunk = await getTrunk(db, trunkId);
    const limit = new AbortController();
    const timer = clock.setTimer(() => limit.abort(new Error('no answer in time')), examineMs);
    try {
      return await engine.examine(targetOf(trunk), AbortSignal.any([limit.signal, this.#abort.signal]));
    } finally {
      timer.cancel();
    }
  }
}
