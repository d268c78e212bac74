import { preparedStatement } from '../../db/prepared-statement.ts';
import type { Db } from '../../db/tables.ts';
import { assert } from '../../lib/errors.ts';
import { errors } from '../error/registry.ts';
import { offsetOf, type Page, type PageRequest, pageOf } from '../paging/page.ts';
import type { CallSettings } from '../task/settings.ts';
import type { FlowSummary } from './query.ts';
import { type RecallStatus, recallStatus } from './status.ts';

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

/** Whose flow is asked for. */
export type FlowKey = { readonly accountId: number; readonly flowId: number };

/** Throws `unknownFlow`. */
export async function getFlowDetail(db: Db, accountId: number, flowId: number): Promise<FlowDetail> {
  const [detail] = await readFlowDetails(db, [{ accountId, flowId }]);
  if (!detail) throw errors.unknownFlow(flowId);
  return detail;
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

/** The flows with their nodes by round, in the order of the keys; null: the account has no such flow. One statement, however many they are. */
export async function readFlowDetails(db: Db, keys: readonly FlowKey[]): Promise<(FlowDetail | null)[]> {
  const rows = await nodesOfFlows(db, [keys.map(({ flowId }) => flowId), keys.map(({ accountId }) => accountId)]);
  const byPlace = Map.groupBy(rows, ({ place }) => place);
  return keys.map(({ flowId }, index) => {
    const nodes = byPlace.get(index + 1);
    // A flow is never without nodes.
    return nodes === undefined ? null : detailOf(flowId, nodes);
  });
}

type NodeRow = Omit<FlowSummary, 'flowId' | 'finishedNum'> &
  Pick<FlowNode, 'nodeId' | 'ordinal' | 'dueAt'> & {
    /** Of its flow's key, from 1. */
    readonly place: number;
    readonly nodeTaskId: number | null;
    readonly nodeStatus: RecallStatus;
    readonly nodeStatusReason: string | null;
    /** Of the first round its own, else the parent's; of a later one its own, or null: as the one before. */
    readonly settings: CallSettings | null;
    /** Of those settings' file. */
    readonly voiceFileName: string | null;
    /** Of those settings' SMS app. */
    readonly smsAppSeq: number | null;
  };

/** What a round's messages are sent over: a node that names no SMS app takes its parent's (contract 5.2). */
const smsAppId =
  "case when n.settings is not null or n.ordinal = 1 then coalesce(n.settings #>> '{hangUpSms,smsAppId}', p.settings #>> '{hangUpSms,smsAppId}') end";
const settings = 'coalesce(n.settings, case when n.ordinal = 1 then p.settings end)';

/**
 * Each of the (at most ten) nodes with its flow. Clients poll the detail, so PostgreSQL is asked for as little as can be, rows by their keys; what a round inherits is
 * found by us. The keys come as subqueries, because PostgreSQL would otherwise count them and plan anew for every number of them.
 */
const nodesOfFlows = preparedStatement<NodeRow>(`
  select q.place, f.task_id as "taskId", p.task_name as "taskName", f.recall_type as "recallType", f.interval_min as "recallInterval",
         f.recall_num as "recallNum", f.status, f.status_reason as "statusReason", f.created_at as "createdAt",
         n.node_id as "nodeId", n.ordinal, n.task_id as "nodeTaskId", n.status as "nodeStatus",
         n.status_reason as "nodeStatusReason", n.due_at as "dueAt", ${settings} as settings, v.file_name as "voiceFileName",
         s.app_seq as "smsAppSeq"
    from unnest((select $1::bigint[]), (select $2::bigint[])) with ordinality as q (flow_id, account_id, place)
    join recall_flow f on f.flow_id = q.flow_id and f.account_id = q.account_id and not f.is_hidden
    join task p on p.task_id = f.task_id
    join recall_node n on n.flow_id = f.flow_id
    left join voice_file v on v.file_id = ${settings} #>> '{content,voiceFileId}' and v.account_id = f.account_id
    left join app s on s.app_id = ${smsAppId} and s.account_id = f.account_id
   order by q.place, n.ordinal`);

function detailOf(flowId: number, rows: readonly NodeRow[]): FlowDetail {
  const nodes = nodesOf(rows);
  const [first] = rows;
  assert(first !== undefined, 'a flow has nodes');
  const finishedNum = nodes.filter((node) => node.status === recallStatus.completed).length;
  const { taskId, taskName, recallType, recallInterval, recallNum, status, statusReason, createdAt } = first;
  const plan = { recallType, recallInterval, recallNum };
  return { flowId, taskId, taskName, ...plan, finishedNum, status, statusReason, createdAt, nodes };
}

/** With the settings that hold in each round: its own, else the last given ones, else the parent's. */
function nodesOf(rows: readonly NodeRow[]): FlowNode[] {
  let held: Pick<NodeRow, 'settings' | 'voiceFileName' | 'smsAppSeq'> | undefined;
  return rows.map((row) => {
    if (row.settings !== null) held = row;
    assert(held !== undefined && held.settings !== null, 'the first round has settings');
    return {
      nodeId: row.nodeId,
      ordinal: row.ordinal,
      taskId: row.nodeTaskId,
      status: row.nodeStatus,
      statusReason: row.nodeStatusReason,
      dueAt: row.dueAt,
      settings: held.settings,
      voiceFileName: held.voiceFileName,
      smsAppSeq: held.smsAppSeq,
    };
  });
}
