import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { offsetOf, type Page, type PageRequest, pageOf } from '../paging/page.ts';
import { containing } from '../paging/text-search.ts';
import type { CallSettings } from '../task/settings.ts';
import { effectiveSettings } from './effective-settings.ts';
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
  const matching = sql`f.account_id = ${accountId} and f.created_at between ${filter.from} and ${filter.to}`;
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
  const rows = await readNodes(db, { accountId, flowId }, { current: 1, size: maxRounds });
  const first = rows[0];
  if (!first) throw errors.unknownFlow(flowId);
  return { ...first.flow, nodes: rows.map((row) => row.node) };
}

/** The flow's nodes by round, as a page. Throws `unknownFlow`. */
export async function listFlowNodes(
  db: Db,
  accountId: number,
  flowId: number,
  page: PageRequest,
): Promise<Page<FlowNode>> {
  const flow = await db
    .selectFrom('recall_flow')
    .select('recall_num')
    .where('flow_id', '=', flowId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (!flow) throw errors.unknownFlow(flowId);
  const rows = await readNodes(db, { accountId, flowId }, page);
  return pageOf(
    page,
    flow.recall_num,
    rows.map((row) => row.node),
  );
}

/** Contract 5.2. */
const maxRounds = 10;

type NodeRow = FlowSummary &
  Omit<FlowNode, 'taskId' | 'status' | 'statusReason'> & {
    readonly nodeTaskId: number | null;
    readonly nodeStatus: RecallStatus;
    readonly nodeStatusReason: string | null;
  };

/** Each node with its flow: clients poll the detail, and this way it costs one round trip. A flow is never without nodes. */
async function readNodes(
  db: Db,
  key: { readonly accountId: number; readonly flowId: number },
  page: PageRequest,
): Promise<{ flow: FlowSummary; node: FlowNode }[]> {
  const { rows } = await sql<NodeRow>`
    select s.*, v.file_name as "voiceFileName", a.app_seq as "smsAppSeq"
      from (
        select ${summaryColumns}, n.node_id as "nodeId", n.ordinal, n.task_id as "nodeTaskId", n.status as "nodeStatus",
               n.status_reason as "nodeStatusReason", n.due_at as "dueAt", ${effectiveSettings} as settings
          from recall_flow f
          join task p on p.task_id = f.task_id
          join recall_node n on n.flow_id = f.flow_id
         where f.flow_id = ${key.flowId} and f.account_id = ${key.accountId}
         order by n.ordinal limit ${page.size} offset ${offsetOf(page)}) s
      left join voice_file v on v.file_id = s.settings #>> '{content,voiceFileId}'
      left join app a on a.app_id = s.settings #>> '{hangUpSms,smsAppId}'
     order by s.ordinal`.execute(db);
  return rows.map(nodeOf);
}

function nodeOf(row: NodeRow): { flow: FlowSummary; node: FlowNode } {
  const {
    nodeId,
    ordinal,
    nodeTaskId,
    nodeStatus,
    nodeStatusReason,
    dueAt,
    settings,
    voiceFileName,
    smsAppSeq,
    ...flow
  } = row;
  const own = { nodeId, ordinal, dueAt, settings, voiceFileName, smsAppSeq };
  return { flow, node: { ...own, taskId: nodeTaskId, status: nodeStatus, statusReason: nodeStatusReason } };
}
