import { Type } from 'typebox';
import type { Db } from '../../db/tables.ts';
import type { RateTable } from '../../domain/rate/rate-table.ts';
import {
  createRateTable,
  deleteRateTable,
  getRateTable,
  listRateTables,
  updateRateTable,
} from '../../domain/rate/rate-table-store.ts';
import type { AdminInstance } from './admin-instance.ts';
import { pageOfList } from './paging.ts';
import { newRateTableSchema, rateTableChangeSchema, rateTableSchema } from './rate-schema.ts';
import { pageQuerySchema, pageSchema, idParamsSchema as params } from './schema.ts';

const tags = ['rates'];

/** /rate-tables: what accounts are given as `rateTableId`. */
export function mountRateTables(instance: AdminInstance, db: Db): void {
  instance.get(
    '/rate-tables',
    { schema: { tags, querystring: pageQuerySchema, response: { 200: pageSchema(rateTableSchema) } } },
    async (request) => pageOfList((await listRateTables(db)).map(tableAnswer), request.query),
  );
  instance.post(
    '/rate-tables',
    { schema: { tags, body: newRateTableSchema, response: { 201: rateTableSchema } } },
    async (request, reply) => reply.code(201).send(tableAnswer(await createRateTable(db, request.body))),
  );
  instance.get('/rate-tables/:id', { schema: { tags, params, response: { 200: rateTableSchema } } }, async (request) =>
    tableAnswer(await getRateTable(db, request.params.id)),
  );
  instance.patch(
    '/rate-tables/:id',
    { schema: { tags, params, body: rateTableChangeSchema, response: { 200: rateTableSchema } } },
    async (request) => tableAnswer(await updateRateTable(db, request.params.id, request.body)),
  );
  instance.delete(
    '/rate-tables/:id',
    { schema: { tags, params, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await deleteRateTable(db, request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function tableAnswer(table: RateTable) {
  return { ...table, createdAt: table.createdAt.toISOString(), updatedAt: table.updatedAt.toISOString() };
}
