import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { taskStatus } from '../task/status.ts';
import { dropDay, dropDetached, finishDetaching, forgetCounts, partitionedDays } from './partitions.ts';

/** A day that is old enough and was not dropped. */
export type KeptDay = {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** A task that holds it. */
  readonly taskId: number;
};

export type DroppedDays = { readonly dropped: readonly string[]; readonly kept: readonly KeptDay[] };

/**
 * Drops the days whose tasks and calls are all older than `recordDays`, with everything that goes by the task's day. A day stays as long as one of its tasks may still
 * call or be called again: it has not finished, calls of it are in progress, or a flow waits for it; and as long as one of its calls is younger, for a slow task's last call may be weeks
 * after its first. May stop anywhere and be done again. Rejects when PostgreSQL fails, and with the signal's reason between two days.
 */
export async function dropOldDays(db: Db, recordDays: number, signal: AbortSignal): Promise<DroppedDays> {
  await finishDetaching(db);
  await dropDetached(db, recordDays);
  await forgetCounts(db, recordDays);
  const dropped: string[] = [];
  const kept: KeptDay[] = [];
  for (const day of await partitionedDays(db, recordDays)) {
    signal.throwIfAborted();
    const taskId = await holderOf(db, day, recordDays);
    if (taskId !== null) {
      kept.push({ day, taskId });
      continue;
    }
    await dropDay(db, day);
    await forgetCounts(db, recordDays);
    dropped.push(day);
  }
  return { dropped, kept };
}

/** A task for which the day must stay; null: none. Once there is none there will never be one: tasks are made under their own day, and none begins again. */
async function holderOf(db: Db, day: string, recordDays: number): Promise<number | null> {
  const unfinished = [taskStatus.waiting, taskStatus.calling, taskStatus.suspended, taskStatus.submitting];
  const { rows } = await sql<{ taskId: number }>`
    with open_flow as (
      select flow_id, task_id from recall_flow where status in (0, 1)
    )
    select task_id as "taskId" from task
     where created_day = ${day}::date
       and (status = any(${unfinished}::smallint[]) or ended_count < next_seq - 1
            or updated_at >= now() - make_interval(days => ${recordDays})
            or task_id in (select task_id from open_flow union all select n.task_id from open_flow join recall_node n using (flow_id)))
     order by task_id limit 1`.execute(db);
  return rows[0]?.taskId ?? null;
}
