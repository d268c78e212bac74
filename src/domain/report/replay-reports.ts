import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import type { CallKey } from '../record/voice-id.ts';
import { keysOf } from './report-query.ts';

/** Which reports are asked for again. */
export type ReplayScope =
  | { readonly type: 'calls'; readonly voiceIds: readonly string[] }
  | { readonly type: 'task'; readonly taskId: number }
  /** Of calls that ended in the span. */
  | { readonly type: 'app'; readonly appSeq: number; readonly from: Date; readonly to: Date };

export type ReplayRequest = {
  readonly scope: ReplayScope;
  /** Of those in the scope, what is in one of these states. One that is pending is due anyway. */
  readonly states: readonly ('delivered' | 'dead' | 'retrying')[];
  /**
   * Only what was tried last before then: the beginning of the whole replay, so that what it has delivered already is not asked for once more. null: it begins
   * now, by PostgreSQL's clock, as all times of tries are.
   */
  readonly before: Date | null;
};

export type ReplayResult = {
  readonly requested: number;
  /** false: there is more, see {@link replayReports}. */
  readonly isComplete: boolean;
  /** The beginning of the whole replay. */
  readonly before: Date;
};

/** Moved in one transaction. */
const batchSize = 2000;
/** Moved by one request. */
const mostAtOnce = 20_000;

/** The rows of a scope, and the days that they may belong to: each is a constant in its statement, so that the planner looks at one partition. */
type Place = { readonly days: readonly string[]; readonly where: RawBuilder<unknown> };

/**
 * Makes reports due again at once, as if they had just been made: from the ledger back into the queue, the last try of each to those before it. 20,000 at
 * most; to go on, the same is asked with the same `before`. May break off between two batches and be asked again. Throws `unknownEntry` for a task.
 */
export async function replayReports(db: Db, request: ReplayRequest): Promise<ReplayResult> {
  const { days, where } = await placeOf(db, request.scope);
  const before = request.before ?? (await currentTime(db));
  const settledStates = request.states.filter((state) => state !== 'retrying');
  let requested = 0;
  let left = mostAtOnce;
  for (const day of settledStates.length === 0 ? [] : days) {
    const wanted = sql`r.created_day = ${day}::date and r.state = any(${settledStates}::text[]) and r.tried_at < ${before}`;
    const picked = await pick(db, sql`report r where ${where} and ${wanted}`, left);
    left -= picked.length;
    for (const keys of batchesOf(picked)) requested += await moveBack(db, keys, wanted);
  }
  if (request.states.includes('retrying')) {
    const picked = await pick(db, sql`report_due r where ${where} and ${waitsSince(before)}`, left);
    left -= picked.length;
    for (const keys of batchesOf(picked)) requested += await hurry(db, keys, before);
  }
  return { requested, isComplete: left > 0, before };
}

async function placeOf(db: Db, scope: ReplayScope): Promise<Place> {
  switch (scope.type) {
    case 'calls': {
      const keys = await keysOf(db, scope.voiceIds);
      return { days: [...new Set(keys.map((key) => key.createdDay))], where: areCalls(keys) };
    }
    case 'task': {
      const { taskId } = scope;
      const task = await db.selectFrom('task').select('created_day').where('task_id', '=', taskId).executeTakeFirst();
      if (task === undefined) throw errors.unknownEntry('task', taskId);
      return { days: [task.created_day], where: sql`r.task_id = ${taskId}` };
    }
    case 'app': {
      const where = sql`r.app_seq = ${scope.appSeq} and r.made_at between ${scope.from} and ${scope.to}`;
      return { days: await partitionDays(db, scope.to), where };
    }
  }
}

type RowKey = Pick<CallKey, 'taskId' | 'seq'>;

function areCalls(keys: readonly RowKey[]): RawBuilder<unknown> {
  return sql`(r.task_id, r.seq) in (
    select * from unnest(${keys.map((key) => key.taskId)}::bigint[], ${keys.map((key) => key.seq)}::int[]))`;
}

async function currentTime(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(db);
  return rows[0]?.now ?? new Date(0);
}

/** A call ends on the day of its task or later, so what ended in a span lies in partitions up to the span's end. */
async function partitionDays(db: Db, to: Date): Promise<string[]> {
  const { rows } = await sql<{ day: string }>`
    select to_date(right(c.relname, 8), 'YYYYMMDD') as day
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'report'::regclass and to_date(right(c.relname, 8), 'YYYYMMDD') <= (${to}::timestamptz at time zone 'utc')::date
     order by day`.execute(db);
  return rows.map((row) => row.day);
}

/** In no order, and once for all batches: put in one, all of the scope would be read for each. */
async function pick(db: Db, rows: RawBuilder<unknown>, limit: number): Promise<RowKey[]> {
  const found = await sql<RowKey>`select r.task_id as "taskId", r.seq from ${rows} limit ${limit}`.execute(db);
  return found.rows;
}

function batchesOf(keys: readonly RowKey[]): RowKey[][] {
  return Array.from({ length: Math.ceil(keys.length / batchSize) }, (_, batch) =>
    keys.slice(batch * batchSize, (batch + 1) * batchSize),
  );
}

/** Those that are still as they were when they were picked. */
async function moveBack(db: Db, keys: readonly RowKey[], wanted: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with moved as (
      delete from report r where ${wanted} and ${areCalls(keys)} returning r.*
    ), kept as (
      insert into report_try (created_day, task_id, seq, took_ms, tried_at, process_id, delivery_id, http_status, problem)
      select created_day, task_id, seq, took_ms, tried_at, process_id, delivery_id, http_status, problem from moved
    ), requested as (
      insert into report_due (task_id, app_seq, made_at, created_day, seq)
      select task_id, app_seq, made_at, created_day, seq from moved
      on conflict (task_id, seq) do nothing
    )
    select count(*)::int as n from moved`.execute(db);
  return rows[0]?.n ?? 0;
}

/** Those in the queue already: at once, with all their tries before them. */
async function hurry(db: Db, keys: readonly RowKey[], before: Date): Promise<number> {
  const result = await sql`
    update report_due r set tries = 0, due_at = now() where ${areCalls(keys)} and ${waitsSince(before)}`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/** Of `report_due r`: was tried in vain, last before then, and is not being delivered at the moment. */
function waitsSince(before: Date): RawBuilder<unknown> {
  return sql`r.tries > 0 and (r.leased_until is null or r.leased_until < now())
    and not exists (select from report_try t
      where t.created_day = r.created_day and t.task_id = r.task_id and t.seq = r.seq and t.tried_at >= ${before})`;
}
