import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db, Tables } from '../../db/tables.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';
import type { NewTraceRule, TraceRule } from './trace-rule.ts';

/** The rules that trace calls now, in the order in which they are tried. */
export async function activeTraceRules(db: Db): Promise<TraceRule[]> {
  return selectRules(db)
    .where(sql<boolean>`expires_at > now() and traced_calls < max_calls`)
    .orderBy('trace_rule_id')
    .execute();
}

/** All rules, also those that are over; newest first. */
export async function listTraceRules(db: Db): Promise<TraceRule[]> {
  return selectRules(db).orderBy('trace_rule_id', 'desc').execute();
}

/** Throws `unknownEntry`. */
export async function getTraceRule(db: Db, traceRuleId: number): Promise<TraceRule> {
  const rule = await selectRules(db).where('trace_rule_id', '=', traceRuleId).executeTakeFirst();
  if (!rule) throw errors.unknownEntry('trace rule', traceRuleId);
  return rule;
}

/** Throws `unknownEntry` for a task or a trunk that does not exist. */
export async function createTraceRule(db: Db, rule: NewTraceRule): Promise<TraceRule> {
  const insert = db
    .insertInto('trace_rule')
    .values({
      task_id: rule.taskId,
      trunk_id: rule.trunkId,
      number: rule.number,
      max_calls: rule.maxCalls,
      expires_at: rule.expiresAt,
    })
    .returning('trace_rule_id');
  try {
    const { trace_rule_id: traceRuleId } = await insert.executeTakeFirstOrThrow();
    return await getTraceRule(db, traceRuleId);
  } catch (error) {
    if (!isDatabaseError(error, sqlState.foreignKeyViolation)) throw error;
    const isTask = error instanceof Error && 'constraint' in error && error.constraint === 'trace_rule_task_id_fkey';
    throw isTask ? errors.unknownEntry('task', rule.taskId ?? 0) : errors.unknownEntry('trunk', rule.trunkId ?? 0);
  }
}

/** Calls that are being traced are traced to their end. Throws `unknownEntry`. */
export async function deleteTraceRule(db: Db, traceRuleId: number): Promise<void> {
  const result = await db.deleteFrom('trace_rule').where('trace_rule_id', '=', traceRuleId).executeTakeFirst();
  if (result.numDeletedRows === 0n) throw errors.unknownEntry('trace rule', traceRuleId);
}

function selectRules(db: Db): SelectQueryBuilder<Tables, 'trace_rule', TraceRule> {
  return db
    .selectFrom('trace_rule')
    .select([
      'trace_rule_id as traceRuleId',
      'task_id as taskId',
      'trunk_id as trunkId',
      'number',
      'max_calls as maxCalls',
      'traced_calls as tracedCalls',
      'lost_calls as lostCalls',
      'expires_at as expiresAt',
      'created_at as createdAt',
    ]);
}
