import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { SubmittedRecallFlow } from '../task/submission.ts';

/** Replaces a pending flow's plan and nodes (contract 5.2). Throws `unknownFlow`, `flowNotPending`, `unknownVoiceFile`, `badNumbers`. */
export async function updateFlow(db: Db, accountId: number, flowId: number, plan: SubmittedRecallFlow): Promise<void> {
  throw new BugError(`not written yet ${db} ${accountId} ${flowId} ${plan}`);
}
