import { Type } from 'typebox';
import type { Db } from '../../db/tables.ts';
import { type App, createApp, listApps } from '../../domain/app/app-store.ts';
import { errors } from '../../domain/error/registry.ts';
import type { AdminInstance } from './admin-instance.ts';
import { pageOfList } from './paging.ts';
import * as schema from './schema.ts';

const tags = ['apps'];

/** /apps: what clients name as `appId`. */
export function mountApps(instance: AdminInstance, db: Db): void {
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
    async (request, reply) => reply.code(201).send(appAnswer(await createApp(db, request.body))),
  );
  instance.get(
    '/apps/:appId',
    { schema: { tags, params: Type.Object({ appId: Type.String() }), response: { 200: schema.appSchema } } },
    async (request) => {
      const { appId } = request.params;
      const app = (await listApps(db, null)).find((candidate) => candidate.appId === appId);
      if (app === undefined) throw errors.unknownEntry('app', appId);
      return appAnswer(app);
    },
  );
}

function appAnswer(app: App) {
  return {
    appId: app.appId,
    appSeq: app.appSeq,
    accountId: app.accountId,
    name: app.name,
    kind: app.kind,
    createdAt: app.createdAt.toISOString(),
  };
}
