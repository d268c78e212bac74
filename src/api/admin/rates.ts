import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Db } from '../../db/tables.ts';
import { errors } from '../../domain/error/registry.ts';
import { rateCsvHead, readRateCsv, writeRateCsv } from '../../domain/rate/rate-csv.ts';
import { rateColumns } from '../../domain/rate/rate-file.ts';
import { periodOf } from '../../domain/rate/rate-rows.ts';
import { listRates, removeRate, writeRates } from '../../domain/rate/rate-store.ts';
import type { Rate } from '../../domain/rate/rate-table.ts';
import { getRateTable } from '../../domain/rate/rate-table-store.ts';
import type { AdminInstance } from './admin-instance.ts';
import { problemType } from './describe-routes.ts';
import { problem } from './problem.ts';
import {
  prefix,
  rateListQuerySchema,
  rateListSchema,
  ratesImportQuerySchema,
  ratesImportSchema,
  ratesProblemSchema,
  rateTermsSchema,
} from './rate-schema.ts';
import { idParamsSchema } from './schema.ts';

const tags = ['rates'];
const params = Type.Object({ ...idParamsSchema.properties, prefix });
const csvType = 'text/csv';
const csvText = { [csvType]: { schema: Type.Unsafe<string | Readable>({ type: 'string' }) } };

/** Without a type, because what is checked is the file as it came. */
const csvFile = Type.Unsafe<unknown>({
  description: `a CSV file whose first line names the columns ${rateColumns.join(', ')}; see docs/rates.md`,
});

/** Half a million rates with long names. */
const importBytes = 64 * 1024 * 1024;

/** /rate-tables/{id}/rates: one by one as JSON, all at once as CSV. */
export function mountRates(instance: AdminInstance, db: Db): void {
  mountExport(instance, db);
  instance.register((csv: FastifyInstance, _options: object, done: () => void) => {
    mountImport(csv.withTypeProvider() as AdminInstance, db);
    done();
  });
  instance.put(
    '/rate-tables/:id/rates/:prefix',
    { schema: { tags, params, body: rateTermsSchema, response: { 204: Type.Null() } } },
    async ({ params: { id, prefix }, body: { code, billPeriod, rate } }, reply) => {
      const period = periodOf(billPeriod);
      if (period === null) throw errors.badParameter('billPeriod', 'must be two whole numbers from 1 to 3600 as 60+60');
      await writeRates(db, id, [{ prefix, code, ...period, rate }], 'merge');
      return reply.code(204).send(null);
    },
  );
  instance.delete(
    '/rate-tables/:id/rates/:prefix',
    { schema: { tags, params, response: { 204: Type.Null() } } },
    async ({ params: { id, prefix } }, reply) => {
      if (!(await removeRate(db, id, prefix))) throw errors.unknownEntry('rate', prefix);
      return reply.code(204).send(null);
    },
  );
}

function mountExport(instance: AdminInstance, db: Db): void {
  instance.get(
    '/rate-tables/:id/rates',
    { schema: { tags, params: idParamsSchema, querystring: rateListQuerySchema, response: { 200: rateListSchema } } },
    async ({ params: { id }, query: { after = '', limit = 100 } }) => {
      await getRateTable(db, id);
      const rates = await listRates(db, id, after, limit);
      const next = rates.length < limit ? null : (rates.at(-1)?.prefix ?? null);
      return { items: rates.map(rateAnswer), next };
    },
  );
  instance.get(
    '/rate-tables/:id/rates.csv',
    { schema: { tags, params: idParamsSchema, response: { 200: { description: 'All rates', content: csvText } } } },
    async ({ params: { id } }, reply) => {
      const { rateTableId } = await getRateTable(db, id);
      reply.header('content-disposition', `attachment; filename="rates-${rateTableId}.csv"`);
      return reply.type(`${csvType}; charset=utf-8`).send(Readable.from(exportLines(db, rateTableId)));
    },
  );
}

/** Rates that are changed meanwhile are in it as they were before or after. */
async function* exportLines(db: Db, rateTableId: number): AsyncGenerator<string> {
  const step = 5000;
  yield rateCsvHead;
  for (let after = ''; ; ) {
    const rates = await listRates(db, rateTableId, after, step);
    if (rates.length > 0) yield writeRateCsv(rates);
    if (rates.length < step) return;
    after = rates.at(-1)?.prefix ?? '';
  }
}

function mountImport(instance: AdminInstance, db: Db): void {
  instance.addContentTypeParser(
    csvType,
    { parseAs: 'buffer', bodyLimit: importBytes },
    async (_request: unknown, body: Buffer) => body,
  );
  instance.put(
    '/rate-tables/:id/rates',
    {
      bodyLimit: importBytes,
      schema: {
        tags,
        consumes: [csvType],
        body: { content: { [csvType]: { schema: csvFile } } },
        params: idParamsSchema,
        querystring: ratesImportQuerySchema,
        response: {
          200: ratesImportSchema,
          400: {
            description: 'What is wrong, row by row where it is about rows',
            content: { [problemType]: { schema: ratesProblemSchema } },
          },
        },
      },
    },
    async ({ params: { id }, query: { mode = 'replace', skipInvalid = false }, body }, reply) => {
      await getRateTable(db, id);
      if (!Buffer.isBuffer(body))
        throw errors.badParameter('Content-Type', `must be ${csvType}, with a file as the body`);
      const { rates, errorCount, errors: rowErrors } = await readRateCsv(body);
      const told = { errorCount, rowErrors: [...rowErrors] };
      if (errorCount > 0 && !skipInvalid) {
        const detail = `nothing was changed: ${errorCount} cells or rows cannot be used; correct them, or send skipInvalid=true`;
        return reply
          .code(400)
          .type(problemType)
          .send({ ...problem(400, detail), ...told });
      }
      return reply.send({ ...(await writeRates(db, id, rates, mode)), ...told });
    },
  );
}

function rateAnswer({ prefix, code, firstS, stepS, rate }: Rate) {
  return { prefix, code, billPeriod: `${firstS}+${stepS}`, rate };
}
