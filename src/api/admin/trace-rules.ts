import { Type } from 'typebox';
import { errors } from '../../domain/error/registry.ts';
import type { TraceRule } from '../../domain/trace/trace-rule.ts';
import { createTraceRule, deleteTraceRule, getTraceRule, listTraceRules } from '../../domain/trace/trace-rule-store.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import { newTraceRuleSchema, traceRuleSchema } from './call-schema.ts';
import { givenTime } from './given-time.ts';
import { pageOfList } from './paging.ts';
import { idParamsSchema, pageQuerySchema, pageSchema } from './schema.ts';

const tags = ['trace rules'];
const hourMs = 3_600_000;
const longestMs = 7 * 24 * hourMs;

/** /trace-rules: which calls are traced. A rule is made and deleted, never changed. */
export function mountTraceRules(instance: AdminInstance, { db, clock }: Pick<AdminDeps, 'db' | 'clock'>): void {
  const params = idParamsSchema;
  const answer = (rule: TraceRule) => ruleAnswer(rule, clock.now());
  instance.get(
    '/trace-rules',
    { schema: { tags, querystring: pageQuerySchema, response: { 200: pageSchema(traceRuleSchema) } } },
    async (request) => pageOfList((await listTraceRules(db)).map(answer), request.query),
  );
  instance.post(
    '/trace-rules',
    { schema: { tags, body: newTraceRuleSchema, response: { 201: traceRuleSchema } } },
    async (request, reply) => {
      const { taskId = null, trunkId = null, number = null, maxCalls = 10, expiresAt } = request.body;
      const rule = { taskId, trunkId, number, maxCalls, expiresAt: expiryOf(expiresAt, clock.now()) };
      return reply.code(201).send(answer(await createTraceRule(db, rule)));
    },
  );
  instance.get('/trace-rules/:id', { schema: { tags, params, response: { 200: traceRuleSchema } } }, async (request) =>
    answer(await getTraceRule(db, request.params.id)),
  );
  instance.delete(
    '/trace-rules/:id',
    { schema: { tags, params, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await deleteTraceRule(db, request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function expiryOf(expiresAt: string | undefined, nowMs: number): Date {
  if (expiresAt === undefined) return new Date(nowMs + hourMs);
  const ms = givenTime('expiresAt', expiresAt).getTime();
  const isWithin = ms > nowMs && ms <= nowMs + longestMs;
  if (!isWithin) throw errors.badParameter('expiresAt', 'must be in the next 7 days');
  return new Date(ms);
}

function ruleAnswer(rule: TraceRule, nowMs: number) {
  return {
    ...rule,
    isActive: rule.expiresAt.getTime() > nowMs && rule.tracedCalls < rule.maxCalls,
    expiresAt: rule.expiresAt.toISOString(),
    createdAt: rule.createdAt.toISOString(),
  };
}
