import { type RawBuilder, sql } from 'kysely';
import type { Db, DbTransaction } from '../../db/tables.ts';
import { taskStatus } from '../task/status.ts';
import type { Retention } from './retention.ts';

/** Tasks that are deleted in one transaction. */
const batchSize = 2000;

/**
 * Deletes the tasks, with their recall flows, that are over, have no calls any more, and are older than `taskDays`; those of direct calls as soon as their calls are gone, for nobody can see them. A
 * task goes after those that were made from it, its rounds and resends. Returns how many. Rejects with the signal's reason between two batches.
 */
export async function deleteOldTasks(db: Db, retention: Retention, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  // One after the other, because of direct calls there may be millions, which have an index of their own: neither must be looked through to find the other.
  for (const old of [oldDirectCalls, oldListedTasks(retention)]) {
    for (;;) {
      signal.throwIfAborted();
      const batch = await db.transaction().execute((tx) => deleteBatch(tx, retention, old));
      if (batch === 0) break;
      deleted += batch;
    }
  }
  return deleted;
}

/** Of `task t`, and in which order they are taken. */
type OldTasks = { readonly matching: RawBuilder<unknown>; readonly order: RawBuilder<unknown> };

const oldDirectCalls: OldTasks = { matching: sql`is_hidden`, order: sql`order by created_day, task_id` };

function oldListedTasks({ taskDays }: Retention): OldTasks {
  return { matching: sql`not is_hidden and updated_at < now() - make_interval(days => ${taskDays})`, order: sql`` };
}

async function deleteBatch(
  tx: DbTransaction,
  { recordDays }: Retention,
  { matching, order }: OldTasks,
): Promise<number> {
  const over = [taskStatus.finished, taskStatus.submissionFailed, taskStatus.cancelled];
  // A partition that is being detached is gone for everybody but the catalog; its tasks are deleted next time.
  const { rows } = await sql<{ taskId: number }>`
    select task_id as "taskId" from task t
     where ${matching} and created_day < (now() at time zone 'utc')::date - ${recordDays}::int and status = any(${over}::smallint[])
       and to_regclass('call_' || to_char(created_day, 'YYYYMMDD')) is null
       and not exists (select from task made where made.source_task_id = t.task_id)
     ${order} limit ${batchSize}
       for update skip locked`.execute(tx);
  if (rows.length === 0) return 0;
  const taskIds = sql`any(${rows.map(({ taskId }) => taskId)}::bigint[])`;
  // The round of a flow whose parent goes next.
  await sql`update recall_node set task_id = null where task_id = ${taskIds}`.execute(tx);
  await sql`delete from recall_flow where task_id = ${taskIds}`.execute(tx);
  await sql`delete from task where task_id = ${taskIds}`.execute(tx);
  return rows.length;
}
