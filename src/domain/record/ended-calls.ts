import type { DbTransaction } from '../../db/tables.ts';
import { settleEndedCalls } from '../balance/settle.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { enqueueReports } from '../report/enqueue-reports.ts';
import { textEndedCalls } from '../sms/follow-calls.ts';
import { finishTasksIfDone } from '../task/completion.ts';

/** The calls of one task that ended in one transaction, and what of the task decides what follows from that. */
export type EndedCalls = {
  /** `YYYY-MM-DD` */
  readonly createdDay: string;
  readonly taskId: number;
  readonly accountId: number;
  readonly appId: string;
  /** Only calls that this transaction ended: whatever follows from an end follows once. */
  readonly seqs: readonly number[];
  /** Exact decimals: what was held of the account's balance for those of these calls that were prepaid, and what they cost. Null: none was. */
  readonly reserved: string | null;
  readonly cost: string | null;
  /** Whether no callee of the task is left. */
  readonly isTaskComplete: boolean;
  /** Whether the results are what the client is told; not so where another round of a direct call follows. */
  readonly isFinal: boolean;
  /** null: the app's calls are not reported. */
  readonly reportAppSeq: number | null;
  /** Whether an SMS may follow a call of the task. */
  readonly hasHangUpSms: boolean;
};

/**
 * What follows from the end of calls, in the transaction that ended them, whoever did: the process that made them, or the sweeper for one that died. The tasks
 * come in the order of their ids and their rows are locked. Most calls want nothing but to be counted, so a follower costs a statement only where one of the tasks wants it.
 */
export async function followEndedCalls(
  tx: DbTransaction,
  ended: readonly EndedCalls[],
  scheduling: Scheduling,
): Promise<void> {
  await settleEndedCalls(tx, ended);
  const complete = ended.flatMap(({ taskId, isTaskComplete }) => (isTaskComplete ? [taskId] : []));
  await finishTasksIfDone(tx, complete, scheduling);
  const texted = ended.filter((task) => task.hasHangUpSms);
  for (const [day, tasks] of Map.groupBy(texted, (task) => task.createdDay)) await textEndedCalls(tx, day, tasks);
  await enqueueReports(
    tx,
    ended.filter((calls) => calls.isFinal),
  );
}
