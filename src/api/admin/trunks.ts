import { Type } from 'typebox';
import type { Trunk, TrunkHeader } from '../../domain/trunk/trunk.ts';
import { createTrunk, deleteTrunk, getTrunk, listTrunks, updateTrunk } from '../../domain/trunk/trunk-store.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import { pageOfList } from './paging.ts';
import * as schema from './schema.ts';
import {
  newTrunkSchema,
  type TrunkChangeBody,
  trunkChangeSchema,
  trunkSchema,
  trunkTestSchema,
} from './trunk-schema.ts';
import { readTrunkStatus, readTrunkStatuses } from './trunk-status.ts';
import { testTrunk } from './trunk-test.ts';

const tags = ['trunks'];

/** /trunks. A password and a private key can be written and never read. */
export function mountTrunks(instance: AdminInstance, { db, clock }: Pick<AdminDeps, 'db' | 'clock'>): void {
  const params = schema.idParamsSchema;
  instance.get(
    '/trunks',
    { schema: { tags, querystring: schema.pageQuerySchema, response: { 200: schema.pageSchema(trunkSchema) } } },
    async (request) => pageOfList((await listTrunks(db)).map(trunkAnswer), request.query),
  );
  instance.post(
    '/trunks',
    { schema: { tags, body: newTrunkSchema, response: { 201: trunkSchema } } },
    async (request, reply) => reply.code(201).send(trunkAnswer(await createTrunk(db, settingsOf(request.body)))),
  );
  instance.get('/trunks/:id', { schema: { tags, params, response: { 200: trunkSchema } } }, async (request) =>
    trunkAnswer(await getTrunk(db, request.params.id)),
  );
  instance.patch(
    '/trunks/:id',
    { schema: { tags, params, body: trunkChangeSchema, response: { 200: trunkSchema } } },
    async (request) => trunkAnswer(await updateTrunk(db, request.params.id, settingsOf(request.body))),
  );
  instance.delete(
    '/trunks/:id',
    { schema: { tags, params, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await deleteTrunk(db, request.params.id);
      return reply.code(204).send(null);
    },
  );
  instance.get(
    '/trunks/:id/status',
    { schema: { tags, params, response: { 200: schema.trunkStatusSchema } } },
    async (request) => readTrunkStatus(db, request.params.id),
  );
  instance.post(
    '/trunks/:id/test',
    {
      schema: {
        tags,
        description: 'Has every dialer process ask each server of the trunk by OPTIONS, now; takes up to 7 s.',
        params,
        response: { 200: trunkTestSchema },
      },
    },
    async (request) => testTrunk(db, clock, request.params.id),
  );
  instance.get(
    '/trunk-status',
    { schema: { tags, response: { 200: Type.Array(schema.trunkStatusSchema) } } },
    async () => readTrunkStatuses(db),
  );
}

/** A body as the domain has it: headers are pairs there. */
function settingsOf<T extends TrunkChangeBody>({ headers, ...settings }: T) {
  if (headers === undefined) return settings;
  return { ...settings, headers: headers.map(({ name, value }): TrunkHeader => [name, value]) };
}

function trunkAnswer(trunk: Trunk) {
  const { password, tlsPrivateKey, ...readable } = trunk;
  return {
    ...readable,
    hasPassword: password !== null,
    hasTlsPrivateKey: tlsPrivateKey !== null,
    codecs: [...trunk.codecs],
    callerIds: [...trunk.callerIds],
    prefixes: [...trunk.prefixes],
    headers: trunk.headers.map(([name, value]) => ({ name, value })),
    createdAt: trunk.createdAt.toISOString(),
    updatedAt: trunk.updatedAt.toISOString(),
  };
}
