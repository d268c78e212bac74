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
  /** Only what was tried last before then: the beginning of the whole replay, so that what it has delivered already is not asked for once more. */
  readonly before: Date;
};

export type ReplayResult = {
  readonly requested: number;
  /** false: there is more, see {@link replayReports}. */
  readonly isComplete: boolean;
};

/** Moved in one transaction. */
const batchSize = 2000;
/** Moved by one request. */
const mostAtOnce = 20_000;

/** Where a part of the scope lies. */
type Part = { readonly day: string; readonly where: RawBuilder<unknown> };

/**
 * Makes reports due again at once, as if they had just been made: from the ledger back into the queue, the last try of each to those before it. 20,000 at
 * most; to go on, the same is asked with the same `before`. May break off between two batches and be asked again. Throws `unknownEntry` for a task.
 */
export async function replayReports(db: Db, request: ReplayRequest): Promise<ReplayResult> {
  const parts = await partsOf(db, request.scope);
  let requested = 0;
  for (const part of parts) {
    for (;;) {
      const moved = await movePart(db, part, request);
      requested += moved;
      if (requested >= mostAtOnce) return { requested, isComplete: false };
      if (moved < batchSize) break;
    }
  }
  if (request.states.includes('retrying')) for (const part of parts) requested += await hurryPart(db, part, request);
  return { requested, isComplete: true };
}

/** By the day, which is a constant in each statement then, so that the planner looks at one partition. */
async function partsOf(db: Db, scope: ReplayScope): Promise<Part[]> {
  switch (scope.type) {
    case 'calls': {
      const byDay = Map.groupBy(await keysOf(db, scope.voiceIds), (key) => key.createdDay);
      return [...byDay].map(([day, keys]) => ({ day, where: areCalls(keys) }));
    }
    case 'task': {
      const { taskId } = scope;
      const task = await db.selectFrom('task').select('created_day').where('task_id', '=', taskId).executeTakeFirst();
      if (task === undefined) throw errors.unknownEntry('task', taskId);
      return [{ day: task.created_day, where: sql`r.task_id = ${taskId}` }];
    }
    case 'app': {
      const where = sql`r.app_seq = ${scope.appSeq} and r.made_at between ${scope.from} and ${scope.to}`;
      return (await partitionDays(db, scope.to)).map((day) => ({ day, where }));
    }
  }
}

function areCalls(keys: readonly CallKey[]): RawBuilder<unknown> {
  return sql`(r.task_id, r.seq) in (
    select * from unnest(${keys.map((key) => key.taskId)}::bigint[], ${keys.map((key) => key.seq)}::int[]))`;
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

async function movePart(db: Db, { day, where }: Part, { states, before }: ReplayRequest): Promise<number> {
  const settledStates = states.filter((state) => state !== 'retrying');
  if (settledStates.length === 0) return 0;
  const { rows } = await sql<{ n: number }>`
    with picked as materialized (
      select r.task_id, r.seq from report r
       where r.created_day = ${day}::date and ${where} and r.state = any(${settledStates}::text[]) and r.tried_at < ${before}
       order by r.task_id, r.seq limit ${batchSize} for update skip locked
    ), moved as (
      delete from report r using picked p
       where r.created_day = ${day}::date and r.task_id = p.task_id and r.seq = p.seq
      returning r.*
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

/** Those in the queue already: at once, with all their tries before them. One that is being delivered is left alone. */
async function hurryPart(db: Db, { day, where }: Part, { before }: ReplayRequest): Promise<number> {
  const result = await sql`
    update report_due r set tries = 0, due_at = now()
     where r.created_day = ${day}::date and ${where} and r.tries > 0 and r.due_at > ${before}
       and (r.leased_until is null or r.leased_until < now())`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
