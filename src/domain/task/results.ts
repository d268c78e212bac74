import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { offsetOf, type Page, type PageRequest, pageOf } from '../paging/page.ts';
import type { CallRecord } from '../record/record.ts';
import { type RecordRow, recordColumns, recordOf } from '../record/record-columns.ts';
import type { TaskPlace } from './create.ts';

/** Contract 15.9. */
export type ResultFilter = {
  readonly taskId: number;
  /** Empty: all, also callees that were not called yet. */
  readonly callStatusList: readonly number[];
  /** Exactly this number; null: any. */
  readonly number: string | null;
};

/** A callee of a task and what came of it; `record` null: not called yet. */
export type CalleeResult = {
  readonly seq: number;
  readonly number: string;
  readonly variables: readonly (string | null)[] | null;
  readonly record: CallRecord | null;
};

/** In the order of submission; none once they are older than calls are kept. Throws `unknownTask`. */
export async function listResults(
  db: Db,
  accountId: number,
  filter: ResultFilter,
  page: PageRequest,
): Promise<Page<CalleeResult>> {
  const { rows } = await sql<TaskPlace & { numberCount: number }>`
    select task_id as "taskId", created_day as "createdDay",
           case when to_regclass('callee_' || to_char(created_day, 'YYYYMMDD')) is null then 0 else number_count end as "numberCount" from task
     where task_id = ${filter.taskId} and account_id = ${accountId} and not is_hidden`.execute(db);
  const task = rows[0];
  if (!task) throw errors.unknownTask([filter.taskId]);
  const isFiltered = filter.callStatusList.length > 0 || filter.number !== null;
  const { total, seqs } = isFiltered
    ? await matchingSeqs(db, task, filter, page)
    : { total: task.numberCount, seqs: pageSeqs(page) };
  return pageOf(page, total, await readResults(db, task, seqs));
}

/** Callees are 1..n without gaps, so a page of all of them is known by its numbers alone, however deep it is. */
function pageSeqs(page: PageRequest): number[] {
  return Array.from({ length: page.size }, (_, index) => offsetOf(page) + index + 1);
}

async function matchingSeqs(
  db: Db,
  task: TaskPlace,
  filter: ResultFilter,
  page: PageRequest,
): Promise<{ total: number; seqs: number[] }> {
  // With a status the calls alone are asked: they have the number as well, and joining 200,000 callees to them would take ten times as long.
  const statusList = filter.callStatusList.length === 0 ? null : [...filter.callStatusList];
  const table = statusList ? sql`call` : sql`callee`;
  const byStatus = statusList ? sql`call_status = any(${statusList}::smallint[])` : sql`true`;
  const byNumber = filter.number === null ? sql`true` : sql`number = ${filter.number}`;
  const matching = sql`
    from ${table} where created_day = ${task.createdDay}::date and task_id = ${task.taskId} and ${byStatus} and ${byNumber}`;
  const counted = await sql<{ total: number }>`select count(*) as total ${matching}`.execute(db);
  const { rows } = await sql<{ seq: number }>`
    select seq ${matching} order by seq limit ${page.size} offset ${offsetOf(page)}`.execute(db);
  return { total: counted.rows[0]?.total ?? 0, seqs: rows.map((row) => row.seq) };
}

async function readResults(db: Db, task: TaskPlace, seqs: readonly number[]): Promise<CalleeResult[]> {
  const wanted = sql`created_day = ${task.createdDay}::date and task_id = ${task.taskId} and seq = any(${[...seqs]}::int[])`;
  const callees = await sql<Omit<CalleeResult, 'record'>>`
    select seq, number, variables from callee where ${wanted} order by seq`.execute(db);
  const calls = await sql<RecordRow>`
    select ${recordColumns} from (select * from call where ${wanted}) k join task t using (task_id)`.execute(db);
  const records = new Map(calls.rows.map((row) => [row.seq, recordOf(row)]));
  return callees.rows.map((callee) => ({ ...callee, record: records.get(callee.seq) ?? null }));
}
