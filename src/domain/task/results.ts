import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { offsetOf, type Page, type PageRequest, pageOf, walkTo } from '../paging/page.ts';
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
  const { rows } = await sql<TaskResults>`
    select task_id as "taskId", created_day as "createdDay", success_count as "successCount", fail_count as "failCount",
           case when to_regclass('call_' || to_char(created_day, 'YYYYMMDD')) is null then 0 else number_count end as "numberCount" from task
     where task_id = ${filter.taskId} and account_id = ${accountId} and not is_hidden`.execute(db);
  const task = rows[0];
  if (!task) throw errors.unknownTask([filter.taskId]);
  const { total, seqs } = await chosenSeqs(db, task, filter, page);
  return pageOf(page, total, await readResults(db, task, seqs));
}

type TaskResults = TaskPlace & {
  /** 0 once they are gone. */
  readonly numberCount: number;
  readonly successCount: number;
  readonly failCount: number;
};

type Chosen = { readonly total: number; readonly seqs: readonly number[] };

function chosenSeqs(db: Db, task: TaskResults, filter: ResultFilter, page: PageRequest): Promise<Chosen> | Chosen {
  // The task's counters stay when its day goes.
  if (task.numberCount === 0) return { total: 0, seqs: [] };
  const statuses = [...new Set(filter.callStatusList)];
  if (filter.number !== null) return seqsOfNumber(db, task, { number: filter.number, statuses }, page);
  if (statuses.length > 0) return seqsOfStatuses(db, task, statuses, page);
  return { total: task.numberCount, seqs: pageSeqs(page) };
}

/** Callees are 1..n without gaps, so a page of all of them is known by its numbers alone, however deep it is. */
function pageSeqs(page: PageRequest): number[] {
  return Array.from({ length: page.size }, (_, index) => offsetOf(page) + index + 1);
}

/** Whoever has the number: a task has none twice, so there is nothing to count or to walk over. */
async function seqsOfNumber(
  db: Db,
  task: TaskPlace,
  { number, statuses }: { readonly number: string; readonly statuses: readonly number[] },
  page: PageRequest,
): Promise<Chosen> {
  const hasStatus =
    statuses.length === 0
      ? sql`true`
      : sql`exists (
          select from call k where k.created_day = ${task.createdDay}::date and k.task_id = ${task.taskId} and k.seq = c.seq
             and k.call_status = any(${[...statuses]}::smallint[]))`;
  const { rows } = await sql<{ seq: number }>`
    select c.seq from callee c
     where c.created_day = ${task.createdDay}::date and c.task_id = ${task.taskId} and c.number = ${number} and ${hasStatus}
     order by c.seq`.execute(db);
  const seqs = rows.map(({ seq }) => seq);
  return { total: seqs.length, seqs: seqs.slice(offsetOf(page), offsetOf(page) + page.size) };
}

const connected = 50;
const otherStatuses = [10, 20, 30, 40, 60];

/** The task has counted those that were connected, and all others together; only some of the others need counting, and are fewer. */
async function seqsOfStatuses(
  db: Db,
  task: TaskResults,
  statuses: readonly number[],
  page: PageRequest,
): Promise<Chosen> {
  const others = statuses.filter((status) => status !== connected);
  const areAllOthers = others.length === otherStatuses.length;
  const counted = areAllOthers ? task.failCount : others.length === 0 ? 0 : await countCallsOf(db, task, others);
  const total = counted + (statuses.includes(connected) ? task.successCount : 0);
  const walk = walkTo(page, total);
  if (walk === null) return { total, seqs: [] };
  const way = walk.isForward ? sql`asc` : sql`desc`;
  // A part for each status, as the index has them in order by status; asked for together, all of them would be sorted.
  const parts = statuses.map(
    (status) => sql`
      (select seq ${callsOf(task)} and call_status = ${status}::smallint order by seq ${way} limit ${walk.skip + walk.take})`,
  );
  const { rows } = await sql<{ seq: number }>`
    select seq from (${sql.join(parts, sql` union all `)}) chosen order by seq ${way} limit ${walk.take} offset ${walk.skip}`.execute(
    db,
  );
  return { total, seqs: rows.map(({ seq }) => seq) };
}

async function countCallsOf(db: Db, task: TaskPlace, statuses: readonly number[]): Promise<number> {
  const { rows } = await sql<{ calls: number }>`
    select count(*) as calls ${callsOf(task)} and call_status = any(${[...statuses]}::smallint[])`.execute(db);
  return rows[0]?.calls ?? 0;
}

function callsOf(task: TaskPlace): RawBuilder<unknown> {
  return sql`from call where created_day = ${task.createdDay}::date and task_id = ${task.taskId}`;
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
