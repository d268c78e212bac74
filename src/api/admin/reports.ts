import { Type } from 'typebox';
import { getApp } from '../../domain/app/app-store.ts';
import { errors } from '../../domain/error/registry.ts';
import { type ReplayRequest, type ReplayScope, replayReports } from '../../domain/report/replay-reports.ts';
import {
  countReports,
  getReport,
  type KeptTry,
  listAppReports,
  listTaskReports,
  type ReportView,
} from '../../domain/report/report-query.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import { givenTime } from './given-time.ts';
import * as schema from './report-schema.ts';
import { sendTestReport } from './report-test.ts';
import { appParamsSchema, idParamsSchema, pageSchema } from './schema.ts';

const tags = ['reports'];
const params = appParamsSchema;

/** What became of status reports, by task and by app, one with all its tries; sending them again, and trying a receiver. */
export function mountReports(instance: AdminInstance, deps: Pick<AdminDeps, 'db' | 'clock' | 'reportAddresses'>): void {
  const { db } = deps;
  const pages = { 200: pageSchema(schema.reportSchema) };
  instance.get(
    '/tasks/:id/reports',
    { schema: { tags, params: idParamsSchema, querystring: schema.taskReportsQuerySchema, response: pages } },
    async ({ params: { id }, query: { page = 1, pageSize = 50, state = null } }) => {
      const found = await listTaskReports(db, id, state, { limit: pageSize, offset: (page - 1) * pageSize });
      return { total: found.total, page, pageSize, items: found.items.map(reportAnswer) };
    },
  );
  instance.get(
    '/apps/:appId/reports',
    { schema: { tags, params, querystring: schema.appReportsQuerySchema, response: pages } },
    async ({ params: { appId }, query: { page = 1, pageSize = 50, state } }) => {
      const { appSeq } = await getApp(db, appId);
      const found = await listAppReports(db, appSeq, state, { limit: pageSize, offset: (page - 1) * pageSize });
      return { total: found.total, page, pageSize, items: found.items.map(reportAnswer) };
    },
  );
  instance.get(
    '/apps/:appId/report-counts',
    { schema: { tags, params, response: { 200: schema.reportCountsSchema } } },
    async (request) => {
      const { appSeq } = await getApp(db, request.params.appId);
      const { oldestDueAt, ...counts } = await countReports(db, appSeq);
      return { ...counts, oldestDueAt: oldestDueAt?.toISOString() ?? null };
    },
  );
  const ofCall = Type.Object({ voiceId: Type.String({ maxLength: 64, description: 'of the call' }) });
  instance.get(
    '/reports/:voiceId',
    { schema: { tags, params: ofCall, response: { 200: schema.reportWithTriesSchema } } },
    async (request) => {
      const { report, tries } = await getReport(db, request.params.voiceId);
      return { ...reportAnswer(report), allTries: tries.map(tryAnswer) };
    },
  );
  mountReplay(instance, deps);
}

function mountReplay(instance: AdminInstance, deps: Pick<AdminDeps, 'db' | 'clock' | 'reportAddresses'>): void {
  const { db } = deps;
  instance.post(
    '/reports/replay',
    { schema: { tags, body: schema.replaySchema, response: { 200: schema.replayAnswerSchema } } },
    async ({ body }) => {
      const before = body.before === undefined ? null : givenTime('before', body.before);
      const states: ReplayRequest['states'] = body.states ?? ['delivered', 'dead', 'retrying'];
      const result = await replayReports(db, { scope: await scopeOf(deps, body), states, before });
      return { ...result, before: result.before.toISOString() };
    },
  );
  instance.post(
    '/apps/:appId/report-test',
    { schema: { tags, params, response: { 200: schema.reportTestSchema } } },
    async (request) => sendTestReport(deps, request.params.appId),
  );
}

/** Exactly one of the three, and a span with the last of them only: with the others it would do nothing. */
async function scopeOf({ db }: Pick<AdminDeps, 'db'>, body: schema.ReplayBody): Promise<ReplayScope> {
  const { voiceIds, taskId, appId } = body;
  const given = [voiceIds, taskId, appId].filter((value) => value !== undefined).length;
  if (given !== 1) throw errors.badParameter('voiceIds', 'must be given, or else taskId, or appId with from and to');
  if (appId !== undefined) return { type: 'app', ...spanOf(body), appSeq: (await getApp(db, appId)).appSeq };
  for (const name of ['from', 'to'] as const) {
    if (body[name] !== undefined) throw errors.badParameter(name, 'goes with appId only');
  }
  if (taskId !== undefined) return { type: 'task', taskId };
  return { type: 'calls', voiceIds: voiceIds ?? [] };
}

function spanOf(body: schema.ReplayBody): { from: Date; to: Date } {
  if (body.from === undefined) throw errors.badParameter('from', 'must be given with appId');
  if (body.to === undefined) throw errors.badParameter('to', 'must be given with appId');
  const [from, to] = [givenTime('from', body.from), givenTime('to', body.to)];
  if (from > to) throw errors.badParameter('to', 'must not be before from');
  return { from, to };
}

function reportAnswer({ key, madeAt, dueAt, lastTry, ...view }: ReportView) {
  return {
    ...view,
    taskId: key.taskId,
    seq: key.seq,
    madeAt: madeAt.toISOString(),
    dueAt: dueAt?.toISOString() ?? null,
    lastTry: lastTry && tryAnswer(lastTry),
  };
}

function tryAnswer({ triedAt, ...kept }: KeptTry) {
  return { ...kept, triedAt: triedAt.toISOString() };
}
