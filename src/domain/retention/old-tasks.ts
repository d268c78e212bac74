import { sql } from 'kysely';
import type { Db, DbTransaction } from '../../db/tables.ts';
import { taskStatus } from '../task/status.ts';
import type { Retention } from './retention.ts';

/** Tasks that are deleted in one transaction. */
const batchSize = 500;

/**
 * Deletes the tasks, with their recall flows, that are over, have no calls any more, and are older than `taskDays`; those of direct calls as soon as their calls are gone, for nobody can see them. A
 * task goes after those that were made from it, its rounds and resends. Returns how many. Rejects with the signal's reason between two batches.
 */
export async function deleteOldTasks(db: Db, retention: Retention, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  for (;;) {
    signal.throwIfAborted();
    const batch = await db.transaction().execute((tx) => deleteBatch(tx, retention));
    if (batch === 0) return deleted;
    deleted += batch;
  }
}

async function deleteBatch(tx: DbTransaction, { recordDays, taskDays }: Retention): Promise<number> {
  const over = [taskStatus.finished, taskStatus.submissionFailed, taskStatus.cancelled];
  // A partition that is being detached is gone for everybody but the catalog; its tasks are deleted next time.
  const { rows } = await sql<{ taskId: number }>`
    select task_id as "taskId" from task t
     where created_day < (now() at time zone 'utc')::date - ${recordDays}::int and status = any(${over}::smallint[])
       and (is_hidden or updated_at < now() - make_interval(days => ${taskDays}))
       and to_regclass('call_' || to_char(created_day, 'YYYYMMDD')) is null
       and not exists (select from task made where made.source_task_id = t.task_id)
     order by task_id limit ${batchSize}
       for update skip locked`.execute(tx);
  const taskIds = rows.map(({ taskId }) => taskId);
  if (taskIds.length === 0) return 0;
  // The round of a flow whose parent goes next.
  await tx.updateTable('recall_node').set({ task_id: null }).where('task_id', 'in', taskIds).execute();
  await tx.deleteFrom('recall_flow').where('task_id', 'in', taskIds).execute();
  await tx.deleteFrom('task').where('task_id', 'in', taskIds).execute();
  return taskIds.length;
}
