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
  const rounds = repeated.length === 0 ? [] : await laterRounds(db, repeated);
  const ended = new Map((await endedCalls(db, rounds)).map((row) => [row.taskId, row]));
  // Later rounds come later, and so take the place of those before them.
  const lastByTask = new Map(
    rounds.flatMap(({ firstTaskId, taskId }) => {
      const row = ended.get(taskId);
      return row === undefined ? [] : [[firstTaskId, row]];
    }),
  );
  return rows.map((row) => recordOf((row.mayBeRepeated && lastByTask.get(row.taskId)) || row));
}

/** A round's task of a direct call. */
type Round = { readonly firstTaskId: number; readonly taskId: number; readonly createdDay: string };

/** The rounds that were made, in their order. */
async function laterRounds(db: Db, firstTaskIds: readonly number[]): Promise<readonly Round[]> {
  const { rows } = await sql<Round>`
    select f.task_id as "firstTaskId", t.task_id as "taskId", t.created_day as "createdDay"
      from recall_flow f join recall_node n using (flow_id) join task t on t.task_id = n.task_id
     where f.task_id = any(${[...firstTaskIds]}::bigint[])
     order by n.ordinal`.execute(db);
  return rows;
}

/** Their calls that have ended; a statement of its own, so that the days are constants, and the planner looks at their partitions only. */
async function endedCalls(db: Db, rounds: readonly Round[]): Promise<readonly RecordRow[]> {
  if (rounds.length === 0) return [];
  const { rows } = await sql<RecordRow>`
    select ${recordColumns} from call k join task t using (task_id)
     where k.created_day = any(${[...new Set(rounds.map((round) => round.createdDay))]}::date[])
       and k.task_id = any(${rounds.map((round) => round.taskId)}::bigint[]) and k.state = 'ended'`.execute(db);
  return rows;
}
