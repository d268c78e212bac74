import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { type LockedFlow, lockFlow, moveFlow } from './flow-state.ts';

/** Contract 5.3: 1 by flow id, 2 by parent task id, 3 by node id, which takes the following nodes with it. */
export type CancelTarget = { readonly type: 1 | 2 | 3; readonly id: number };

/** Throws `unknownFlow`, `taskHasNoFlow`, `unknownNode`, `flowNotPending`, `nodeNotPending`. */
export async function cancelRecall(
  db: Db,
  accountId: number,
  target: CancelTarget,
  scheduling: Scheduling,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const flow = await lockTarget(tx, accountId, target);
    if (target.type === 3) await cancelNode(tx, flow, target.id, scheduling);
    else await cancelFlow(tx, flow, scheduling);
  });
}

async function cancelFlow(tx: Db, flow: LockedFlow, scheduling: Scheduling): Promise<void> {
  const isDone = await moveFlow(tx, flow, { input: { type: 'cancel-flow' }, reason: null }, scheduling);
  if (!isDone) throw errors.flowNotPending(flow.flowId, flow.status, 'cancelled');
}

async function cancelNode(tx: Db, flow: LockedFlow, nodeId: number, scheduling: Scheduling): Promise<void> {
  const node = flow.nodes.find((candidate) => candidate.nodeId === nodeId);
  if (!node) throw errors.unknownNode(nodeId);
  const input = { type: 'cancel-round', round: node.ordinal } as const;
  if (!(await moveFlow(tx, flow, { input, reason: null }, scheduling)))
    throw errors.nodeNotPending(nodeId, node.status);
}

async function lockTarget(tx: Db, accountId: number, { type, id }: CancelTarget): Promise<LockedFlow> {
  const unknown = { 1: errors.unknownFlow, 2: errors.taskHasNoFlow, 3: errors.unknownNode }[type];
  const where = {
    1: sql`flow_id = ${id}`,
    2: sql`task_id = ${id}`,
    3: sql`flow_id = (select flow_id from recall_node where node_id = ${id})`,
  }[type];
  const { rows } = await sql<{ flowId: number }>`
    select flow_id as "flowId" from recall_flow where account_id = ${accountId} and not is_hidden and ${where}`.execute(
    tx,
  );
  const flow = rows[0] ? await lockFlow(tx, rows[0].flowId) : null;
  if (!flow) throw unknown(id);
  return flow;
}
