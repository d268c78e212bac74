import { sql } from 'kysely';
import type { TraceEvent } from '../../call/trace.ts';
import type { Db, DbTransaction } from '../../db/tables.ts';
import type { CallTraceRecord } from './call-trace-record.ts';

/** A trace to be written, and the rule that it counts for. */
export type RuledTrace = { readonly traceRuleId: number; readonly trace: CallTraceRecord };

/**
 * Writes traces and counts them for their rules, in one transaction. What is over a rule's calls is left out: several processes trace for the
 * same rule without asking each other, and the first to be written count. A rule that was deleted meanwhile holds nothing back. Written again
 * after a lost commit, a trace is neither stored nor counted twice. `lost` says how many calls each rule missed.
 */
export async function writeTraces(
  db: Db,
  traces: readonly RuledTrace[],
  lost: ReadonlyMap<number, number>,
): Promise<void> {
  const ruleIds = [...new Set([...traces.map(({ traceRuleId }) => traceRuleId), ...lost.keys()])];
  await db.transaction().execute(async (tx) => {
    const rules = await lockRules(tx, ruleIds);
    const wanted = ruleIds.flatMap((ruleId) => {
      const ofRule = traces.filter(({ traceRuleId }) => traceRuleId === ruleId);
      return ofRule.slice(0, rules.get(ruleId) ?? ofRule.length);
    });
    const written = await insertTraces(
      tx,
      wanted.map(({ trace }) => trace),
    );
    const counts = ruleIds.map((ruleId) => {
      const count = wanted.filter(
        ({ traceRuleId, trace }) => traceRuleId === ruleId && written.has(keyOf(trace)),
      ).length;
      return { ruleId, count, lostCount: lost.get(ruleId) ?? 0 };
    });
    await sql`
      update trace_rule r set traced_calls = r.traced_calls + u.traced, lost_calls = r.lost_calls + u.lost
        from unnest(${counts.map((entry) => entry.ruleId)}::bigint[], ${counts.map((entry) => entry.count)}::int[],
                    ${counts.map((entry) => entry.lostCount)}::int[]) as u (trace_rule_id, traced, lost)
       where r.trace_rule_id = u.trace_rule_id`.execute(tx);
  });
}

/** A call's trace; null: it has none. */
export async function findTrace(
  db: Db,
  key: Pick<CallTraceRecord, 'createdDay' | 'taskId' | 'seq'>,
): Promise<CallTraceRecord | null> {
  const row = await db
    .selectFrom('call_trace')
    .select(['process_id', 'started_at', 'events', 'dropped_events'])
    .where('created_day', '=', key.createdDay)
    .where('task_id', '=', key.taskId)
    .where('seq', '=', key.seq)
    .executeTakeFirst();
  if (row === undefined) return null;
  const events: readonly TraceEvent[] = JSON.parse(row.events.toString('utf8'));
  const { createdDay, taskId, seq } = key;
  const startedAt = row.started_at;
  return { createdDay, taskId, seq, processId: row.process_id, startedAt, events, droppedEvents: row.dropped_events };
}

/** The calls that each rule has left. In the order of the ids, so that two processes queue instead of deadlocking. */
async function lockRules(tx: DbTransaction, ruleIds: readonly number[]): Promise<Map<number, number>> {
  const rows = await tx
    .selectFrom('trace_rule')
    .select(['trace_rule_id', sql<number>`greatest(0, max_calls - traced_calls)`.as('left')])
    .where('trace_rule_id', 'in', [...ruleIds])
    .orderBy('trace_rule_id')
    .forUpdate()
    .execute();
  return new Map(rows.map((row) => [row.trace_rule_id, row.left]));
}

/** The keys of those that were not there yet. */
async function insertTraces(tx: DbTransaction, traces: readonly CallTraceRecord[]): Promise<Set<string>> {
  if (traces.length === 0) return new Set();
  const rows = await tx
    .insertInto('call_trace')
    .values(
      traces.map((trace) => ({
        created_day: trace.createdDay,
        task_id: trace.taskId,
        seq: trace.seq,
        process_id: trace.processId,
        started_at: trace.startedAt,
        events: Buffer.from(JSON.stringify(trace.events), 'utf8'),
        dropped_events: trace.droppedEvents,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['task_id', 'seq'])
    .execute();
  return new Set(rows.map((row) => keyOf({ taskId: row.task_id, seq: row.seq })));
}

function keyOf({ taskId, seq }: Pick<CallTraceRecord, 'taskId' | 'seq'>): string {
  return `${taskId}-${seq}`;
}
