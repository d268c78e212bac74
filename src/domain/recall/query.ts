import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { newestFirst } from '../paging/newest-first.ts';
import type { Page, PageRequest } from '../paging/page.ts';
import { containing } from '../paging/text-search.ts';
import { type RecallStatus, recallStatus } from './status.ts';

/** Contract 5.4. */
export type FlowFilter = {
  readonly from: Date;
  /** Not in it itself. */
  readonly to: Date;
  /** Part of the parent task's name, or exactly its id; null: any. */
  readonly taskName: string | null;
};

export type FlowSummary = {
  readonly flowId: number;
  /** The parent task. */
  readonly taskId: number;
  readonly taskName: string;
  readonly recallType: 0 | 1;
  /** Minutes. */
  readonly recallInterval: number;
  readonly recallNum: number;
  /** Rounds that are completed. */
  readonly finishedNum: number;
  readonly status: RecallStatus;
  readonly statusReason: string | null;
  readonly createdAt: Date;
};

const summaryColumns = sql`
  f.flow_id as "flowId", f.task_id as "taskId", p.task_name as "taskName", f.recall_type as "recallType",
  f.interval_min as "recallInterval", f.recall_num as "recallNum", f.status, f.status_reason as "statusReason",
  f.created_at as "createdAt",
  (select count(*) from recall_node done where done.flow_id = f.flow_id and done.status = ${sql.lit(recallStatus.completed)})
    as "finishedNum"`;

/** Newest first. */
export async function listFlows(
  db: Db,
  accountId: number,
  filter: FlowFilter,
  page: PageRequest,
): Promise<Page<FlowSummary>> {
  const pattern = filter.taskName === null ? null : containing(filter.taskName);
  const inSpan = sql`f.account_id = ${accountId} and not f.is_hidden and f.created_at >= ${filter.from} and f.created_at < ${filter.to}`;
  // The parents are read only where their names are asked for, so that a listing of everything is counted from the index alone.
  const parents = pattern === null ? sql`` : sql`join task p on p.task_id = f.task_id`;
  const byParent =
    pattern === null ? sql`` : sql`and (p.task_name ilike ${pattern} or f.task_id::text = ${filter.taskName})`;
  const matching = sql`from recall_flow f ${parents} where ${inSpan} ${byParent}`;
  const listing = { matching, madeAt: sql`f.created_at`, id: sql`f.flow_id` };
  return newestFirst(db, listing, page, async (flowIds) => {
    const { rows } = await sql<FlowSummary>`
      select ${summaryColumns} from recall_flow f join task p on p.task_id = f.task_id
       where f.flow_id in (${flowIds}) order by f.created_at desc, f.flow_id desc`.execute(db);
    return rows;
  });
}
