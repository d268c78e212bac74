import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { type RecallInput, type RecallStep, stepRecall } from './machine.ts';
import type { RecallStatus } from './status.ts';

/** A flow as it is, with its row locked: every change of a flow or its nodes holds this lock. */
export type LockedFlow = {
  readonly flowId: number;
  readonly accountId: number;
  /** The parent. */
  readonly taskId: number;
  /** A direct call's, which is not the client's to see or change. */
  readonly isHidden: boolean;
  readonly recallType: 0 | 1;
  readonly intervalMin: number;
  readonly status: RecallStatus;
  /** By round. */
  readonly nodes: readonly LockedNode[];
};

export type LockedNode = {
  readonly nodeId: number;
  readonly ordinal: number;
  readonly status: RecallStatus;
  readonly dueAt: Date | null;
  readonly taskId: number | null;
};

/** Locks the flow until the transaction ends; null: there is none. */
export async function lockFlow(tx: Db, flowId: number): Promise<LockedFlow | null> {
  const flow = await tx
    .selectFrom('recall_flow')
    .select([
      'flow_id as flowId',
      'account_id as accountId',
      'task_id as taskId',
      'is_hidden as isHidden',
      'recall_type as recallType',
      'interval_min as intervalMin',
      'status',
    ])
    .where('flow_id', '=', flowId)
    .forUpdate()
    .executeTakeFirst();
  if (!flow) return null;
  // A statement of its own, so that it sees what the lock's last holder committed.
  const nodes = await tx
    .selectFrom('recall_node')
    .select(['node_id as nodeId', 'ordinal', 'status', 'due_at as dueAt', 'task_id as taskId'])
    .where('flow_id', '=', flowId)
    .orderBy('ordinal')
    .execute();
  return { ...flow, nodes };
}

export type FlowMove = {
  readonly input: RecallInput;
  /** Why a round or the flow could not run; null: it did, or the client ended it. */
  readonly reason: string | null;
};

/** Moves a locked flow: writes the states that changed and sets the next round. Returns false when the input does not apply. */
export async function moveFlow(tx: Db, flow: LockedFlow, move: FlowMove, scheduling: Scheduling): Promise<boolean> {
  const step = await writeStep(tx, flow, move);
  const next = step?.nextRound ? flow.nodes[step.nextRound - 1] : undefined;
  if (next) await setDue(tx, { flow, nodeId: next.nodeId, since: scheduling.clock.now() }, scheduling);
  return step !== null;
}

async function writeStep(tx: Db, flow: LockedFlow, move: FlowMove): Promise<RecallStep | null> {
  const step = stepRecall({ flow: flow.status, nodes: flow.nodes.map((node) => node.status) }, move.input);
  if (!step) return null;
  await sql`
    update recall_flow set status = ${step.flow}, status_reason = ${move.reason}, updated_at = now()
     where flow_id = ${flow.flowId} and status <> ${step.flow}`.execute(tx);
  const round = 'round' in move.input ? move.input.round : null;
  const changed = flow.nodes.flatMap((node, index) => {
    const status = step.nodes[index];
    if (status === undefined || status === node.status) return [];
    return [{ nodeId: node.nodeId, status, reason: node.ordinal === round ? move.reason : null }];
  });
  if (changed.length > 0) {
    await sql`
      update recall_node n set status = given.status, status_reason = given.reason, updated_at = now()
        from unnest(${changed.map((node) => node.nodeId)}::bigint[], ${changed.map((node) => node.status)}::smallint[],
                    ${changed.map((node) => node.reason)}::text[]) as given (node_id, status, reason)
       where n.node_id = given.node_id`.execute(tx);
  }
  return step;
}

/** Makes a round due one interval after `since` (ms epoch), when the round before ended. */
export async function setDue(
  tx: Db,
  due: { readonly flow: Pick<LockedFlow, 'intervalMin'>; readonly nodeId: number; readonly since: number },
  scheduling: Scheduling,
): Promise<void> {
  const dueAt = new Date(due.since + due.flow.intervalMin * scheduling.recallMinuteMs);
  await tx.updateTable('recall_node').set({ due_at: dueAt }).where('node_id', '=', due.nodeId).execute();
  await scheduling.jobs.enqueue(tx, 'recall.node', { nodeId: due.nodeId }, { startAfter: dueAt });
}
