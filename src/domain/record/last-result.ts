import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { CallRecord } from './record.ts';
import { type RecordRow, recordColumns, recordOf } from './record-columns.ts';

/**
 * The records of rows. A direct call that is made again is one record (contract 6.2): the last round's that has ended, under the first one's voice id;
 * so it says how it stands so far, and in the end what was reported. Rows without later rounds cost nothing.
 */
export async function lastResults(db: Db, rows: readonly RecordRow[]): Promise<CallRecord[]> {
  const repeated = rows.filter((row) => row.mayBeRepeated).map((row) => row.taskId);
  if (repeated.length === 0) return rows.map(recordOf);
  const { rows: rounds } = await sql<RecordRow & { firstTaskId: number }>`
    select distinct on (f.task_id) f.task_id as "firstTaskId", ${recordColumns}
      from recall_flow f
      join recall_node n using (flow_id)
      join task t on t.task_id = n.task_id
      join call k on k.created_day = t.created_day and k.task_id = t.task_id and k.state = 'ended'
     where f.task_id = any(${repeated}::bigint[])
     order by f.task_id, n.ordinal desc`.execute(db);
  const lastByTask = new Map(rounds.map(({ firstTaskId, ...row }) => [firstTaskId, row]));
  return rows.map((row) => recordOf((row.mayBeRepeated && lastByTask.get(row.taskId)) || row));
}
