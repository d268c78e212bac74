import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { lockFlow, moveFlow } from './flow-state.ts';
import type { RecallInput } from './machine.ts';

export type TaskEnds = {
  readonly taskIds: readonly number[];
  readonly end: 'finished' | 'cancelled' | 'failed';
  /** Why they failed; null otherwise. */
  readonly reason: string | null;
};

/**
 * Tells the flows that tasks belong to, as their parents or as one of their rounds, how the tasks ended; in the transaction in which they did. Tasks
 * without a flow are left alone.
 *
 * Locks: a task's row is always locked before its flow's, here and wherever both are needed.
 */
export async function followTasks(tx: Db, { taskIds, end, reason }: TaskEnds, scheduling: Scheduling): Promise<void> {
  if (taskIds.length === 0) return;
  const ended = sql`any(${[...taskIds]}::bigint[])`;
  const { rows } = await sql<{ flowId: number; round: number }>`
    select flow_id as "flowId", 0 as round from recall_flow where task_id = ${ended}
    union all
    select flow_id, ordinal from recall_node where task_id = ${ended}
    order by "flowId"`.execute(tx);
  for (const { flowId, round } of rows) {
    const flow = await lockFlow(tx, flowId);
    if (flow) await moveFlow(tx, flow, { input: inputOf(end, round), reason }, scheduling);
  }
}

function inputOf(end: TaskEnds['end'], round: number): RecallInput {
  return round === 0 ? { type: `parent-${end}` } : { type: `round-${end}`, round };
}
