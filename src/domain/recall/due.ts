import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Scheduling } from '../job/scheduling.ts';

/** `started`: a child task was made; `empty`: nobody was left; `failed`: the round cannot run; `ignored`: not due, or done already. */
export type DueResult = 'started' | 'empty' | 'failed' | 'ignored';

/** Job `recall.node`: starts a round. Idempotent. */
export async function runDueNode(db: Db, nodeId: number, scheduling: Scheduling): Promise<DueResult> {
  throw new BugError(`not written yet ${db} ${nodeId} ${scheduling}`);
}
