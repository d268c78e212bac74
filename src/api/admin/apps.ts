import {
  type App,
  createApp,
  getApp,
  getReportSecret,
  listApps,
  renewReportSecret,
  updateApp,
} from '../../domain/app/app-store.ts';
import { errors } from '../../domain/error/registry.ts';
import type { AddressRule } from '../../webhook/address-rule.ts';
import { urlProblem } from '../../webhook/url-problem.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import { pageOfList } from './paging.ts';
import * as schema from './schema.ts';

const tags = ['apps'];
const params = schema.appParamsSchema;

/** /apps: what clients name as `appId`, and where the app's calls are reported to. */
export function mountApps(instance: AdminInstance, deps: Pick<AdminDeps, 'db' | 'reportAddresses'>): void {
  const { db, reportAddresses } = deps;
  instance.get(
    '/apps',
    { schema: { tags, querystring: schema.appQuerySchema, response: { 200: schema.pageSchema(schema.appSchema) } } },
    async (request) => {
      const apps = await listApps(db, request.query.accountId ?? null);
      return pageOfList(apps.map(appAnswer), request.query);
    },
  );
  instance.post(
    '/apps',
    { schema: { tags, body: schema.newAppSchema, response: { 201: schema.appSchema } } },
    async (request, reply) => {
      requireReportUrl(request.body.reportUrl, reportAddresses);
      return reply.code(201).send(appAnswer(await createApp(db, request.body)));
    },
  );
  instance.get('/apps/:appId', { schema: { tags, params, response: { 200: schema.appSchema } } }, async (request) =>
    appAnswer(await getApp(db, request.params.appId)),
  );
  instance.patch(
    '/apps/:appId',
    { schema: { tags, params, body: schema.appChangeSchema, response: { 200: schema.appSchema } } },
    async (request) => {
      requireReportUrl(request.body.reportUrl, reportAddresses);
      return appAnswer(await updateApp(db, request.params.appId, request.body));
    },
  );
  mountReportSecret(instance, deps);
}

/** What the app's reports are signed with: whoever sets up a receiver reads it, and POST makes another one. Listings never hold it. */
function mountReportSecret(instance: AdminInstance, { db }: Pick<AdminDeps, 'db'>): void {
  const options = { schema: { tags, params, response: { 200: schema.reportSecretSchema } } };
  instance.get('/apps/:appId/report-secret', options, async (request, reply) => {
    const reportSecret = await getReportSecret(db, request.params.appId);
    return reply.header('cache-control', 'no-store').send({ reportSecret });
  });
  instance.post('/apps/:appId/report-secret', options, async (request, reply) => {
    const reportSecret = await renewReportSecret(db, request.params.appId);
    return reply.header('cache-control', 'no-store').send({ reportSecret });
  });
}

function requireReportUrl(url: string | null | undefined, rule: AddressRule): void {
  const problem = typeof url === 'string' ? urlProblem(url, rule) : null;
  if (problem !== null) throw errors.badParameter('reportUrl', problem);
}

function appAnswer(app: App) {
  return { ...app, createdAt: app.createdAt.toISOString() };
}
