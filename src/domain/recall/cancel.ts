import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';

/** Contract 5.3: 1 by flow id, 2 by parent task id, 3 by node id, which takes the following nodes with it. */
export type CancelTarget = { readonly type: 1 | 2 | 3; readonly id: number };

/** Throws `unknownFlow`, `taskHasNoFlow`, `unknownNode`, `flowNotPending`, `nodeNotPending`. */
export async function cancelRecall(db: Db, accountId: number, target: CancelTarget): Promise<void> {
  throw new BugError(`not written yet ${db} ${accountId} ${target}`);
}
