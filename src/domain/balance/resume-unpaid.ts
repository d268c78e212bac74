import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { resumeTasks } from '../task/control.ts';
import { balanceUsedUp } from '../task/machine.ts';
import { taskStatus } from '../task/status.ts';
import { getBalance } from './balance-store.ts';

/**
 * Resumes the tasks that were suspended because the account's balance did not cover their next call; those that its client suspended stay. Where it still does not, the next claim
 * suspends them again. Returns their ids. Throws `unknownEntry`, `accountIsPostpaid`.
 */
export async function resumeUnpaidTasks(db: Db, accountId: number, scheduling: Scheduling): Promise<number[]> {
  return inTransaction(db, async (tx) => {
    await getBalance(tx, accountId);
    // Locked, so that none is resumed or cancelled by its client in between.
    const { rows } = await sql<{ taskId: number }>`
      select task_id as "taskId" from task
       where account_id = ${accountId} and status = ${taskStatus.suspended} and waiting_reason = ${balanceUsedUp} and not is_hidden
       order by task_id for no key update`.execute(tx);
    const taskIds = rows.map(({ taskId }) => taskId);
    if (taskIds.length > 0) await resumeTasks(tx, accountId, taskIds, scheduling);
    return taskIds;
  });
}
