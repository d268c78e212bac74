import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { lockFlow, moveFlow } from './flow-state.ts';
import type { RecallInput } from './machine.ts';

export type TaskEnd = {
  readonly taskId: number;
  readonly end: 'finished' | 'cancelled' | 'failed';
  /** Why it failed; null otherwise. */
  readonly reason: string | null;
};

/**
 * Tells the flow that a task belongs to, as its parent or as one of its rounds, how the task ended; in the transaction in which it did. A task
 * without a flow is left alone.
 *
 * Locks: a task's row is always locked before its flow's, here and wherever both are needed.
 */
export async function followTask(tx: Db, task: TaskEnd, scheduling: Scheduling): Promise<void> {
  const { rows } = await sql<{ flowId: number; round: number }>`
    select flow_id as "flowId", 0 as round from recall_flow where task_id = ${task.taskId}
    union all
    select flow_id, ordinal from recall_node where task_id = ${task.taskId}`.execute(tx);
  for (const { flowId, round } of rows) {
    const flow = await lockFlow(tx, flowId);
    if (flow) await moveFlow(tx, flow, { input: inputOf(task.end, round), reason: task.reason }, scheduling);
  }
}

function inputOf(end: TaskEnd['end'], round: number): RecallInput {
  return round === 0 ? { type: `parent-${end}` } : { type: `round-${end}`, round };
}
