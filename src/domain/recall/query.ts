import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { assert } from '../../lib/errors.ts';
import { errors } from '../error/registry.ts';
import { offsetOf, type Page, type PageRequest, pageOf } from '../paging/page.ts';
import { containing } from '../paging/text-search.ts';
import type { CallSettings } from '../task/settings.ts';

import { type RecallStatus, recallStatus } from './status.ts';

/** Contract 5.4. */
export type FlowFilter = {
  readonly from: Date;
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

export type FlowNode = {
  readonly nodeId: number;
  /** The round, from 1. */
  readonly ordinal: number;
  /** The child task; null: none (yet). */
  readonly taskId: number | null;
  readonly status: RecallStatus;
  readonly statusReason: string | null;
  /** When the round starts; null: not known yet. */
  readonly dueAt: Date | null;
  /** What the round plays, texts and transfers: its own, else the last given node's before it, else the parent's. */
  readonly settings: CallSettings;
  /** Of `settings.content.voiceFileId`; null also when the file was deleted. */
  readonly voiceFileName: string | null;
  /** The SMS app's number (`idxSmsAppId`) of `settings.hangUpSms.smsAppId`. */
  readonly smsAppSeq: number | null;
};

export type FlowDetail = FlowSummary & { readonly nodes: readonly FlowNode[] };

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
  const matching = sql`f.account_id = ${accountId} and not f.is_hidden and f.created_at between ${filter.from} and ${filter.to}`;
  // The parents are read only where their names are asked for, so that a listing of everything is counted from the index alone.
  const parents = pattern === null ? sql`` : sql`join task p on p.task_id = f.task_id`;
  const byParent =
    pattern === null ? sql`` : sql`and (p.task_name ilike ${pattern} or f.task_id::text = ${filter.taskName})`;
  const counted = await sql<{ total: number }>`
    select count(*) as total from recall_flow f ${parents} where ${matching} ${byParent}`.execute(db);
  const { rows } = await sql<FlowSummary>`
    select ${summaryColumns}
      from recall_flow f join task p on p.task_id = f.task_id
     where ${matching} ${byParent}
     order by f.created_at desc, f.flow_id desc limit ${page.size} offset ${offsetOf(page)}`.execute(db);
  return pageOf(page, counted.rows[0]?.total ?? 0, rows);
}

/** Throws `unknownFlow`. */
export async function getFlowDetail(db: Db, accountId: number, flowId: number): Promise<FlowDetail> {
  const rows = await readNodes(db, accountId, flowId);
  const first = rows[0];
  // A flow is never without nodes.
  if (!first) throw errors.unknownFlow(flowId);
  const nodes = await completed(db, accountId, rows);
  const finishedNum = nodes.filter((node) => node.status === recallStatus.completed).length;
  const { taskId, taskName, recallType, recallInterval, recallNum, status, statusReason, createdAt } = first;
  const plan = { recallType, recallInterval, recallNum };
  return { flowId, taskId, taskName, ...plan, finishedNum, status, statusReason, createdAt, nodes };
}

/** The flow's nodes by round, as a page. Throws `unknownFlow`. */
export async function listFlowNodes(
  db: Db,
  accountId: number,
  flowId: number,
  page: PageRequest,
): Promise<Page<FlowNode>> {
  const { nodes } = await getFlowDetail(db, accountId, flowId);
  return pageOf(page, nodes.length, nodes.slice(offsetOf(page), offsetOf(page) + page.size));
}

type NodeRow = Omit<FlowSummary, 'flowId' | 'finishedNum'> &
  Pick<FlowNode, 'nodeId' | 'ordinal' | 'dueAt'> & {
    readonly nodeTaskId: number | null;
    readonly nodeStatus: RecallStatus;
    readonly nodeStatusReason: string | null;
    /** Of the first round its own, else the parent's; of a later one its own, or null: as the one before. */
    readonly settings: CallSettings | null;
    /** Of those settings' file. */
    readonly voiceFileName: string | null;
  };

/**
 * Each of the (at most ten) nodes with its flow. Clients poll the detail, so PostgreSQL is asked for as little as can be, rows by their keys:
 * 0.7 ms of its time. What a round inherits is found by us.
 */
async function readNodes(db: Db, accountId: number, flowId: number): Promise<readonly NodeRow[]> {
  const settings = sql`coalesce(n.settings, case when n.ordinal = 1 then p.settings end)`;
  const { rows } = await sql<NodeRow>`
    select f.task_id as "taskId", p.task_name as "taskName", f.recall_type as "recallType", f.interval_min as "recallInterval",
           f.recall_num as "recallNum", f.status, f.status_reason as "statusReason", f.created_at as "createdAt",
           n.node_id as "nodeId", n.ordinal, n.task_id as "nodeTaskId", n.status as "nodeStatus",
           n.status_reason as "nodeStatusReason", n.due_at as "dueAt", ${settings} as settings, v.file_name as "voiceFileName"
      from recall_flow f
      join task p on p.task_id = f.task_id
      join recall_node n on n.flow_id = f.flow_id
      left join voice_file v on v.file_id = ${settings} #>> '{content,voiceFileId}' and v.account_id = f.account_id
     where f.flow_id = ${flowId} and f.account_id = ${accountId} and not f.is_hidden
     order by n.ordinal`.execute(db);
  return rows;
}

/** With the settings that hold in each round: its own, else the last given ones, else the parent's. */
async function completed(db: Db, accountId: number, rows: readonly NodeRow[]): Promise<FlowNode[]> {
  let held: Pick<NodeRow, 'settings' | 'voiceFileName'> = { settings: null, voiceFileName: null };
  const nodes = rows.map((row) => {
    if (row.settings !== null) held = row;
    const { settings, voiceFileName } = held;
    assert(settings !== null, 'the first round has settings');
    return { row, settings, voiceFileName };
  });
  const smsApps = await smsAppSeqs(
    db,
    accountId,
    nodes.flatMap(({ settings }) => settings.hangUpSms.smsAppId ?? []),
  );
  return nodes.map(({ row, settings, voiceFileName }) => ({
    nodeId: row.nodeId,
    ordinal: row.ordinal,
    taskId: row.nodeTaskId,
    status: row.nodeStatus,
    statusReason: row.nodeStatusReason,
    dueAt: row.dueAt,
    settings,
    voiceFileName,
    smsAppSeq: smsApps.get(settings.hangUpSms.smsAppId ?? '') ?? null,
  }));
}

/** The numbers of SMS apps; asks for nothing when there are none. */
async function smsAppSeqs(db: Db, accountId: number, appIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (appIds.length === 0) return new Map();
  const apps = await db
    .selectFrom('app')
    .select(['app_id', 'app_seq'])
    .where('account_id', '=', accountId)
    .where('app_id', 'in', [...new Set(appIds)])
    .execute();
  return new Map(apps.map((app) => [app.app_id, app.app_seq]));
}
