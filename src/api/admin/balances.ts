import type { Balance, BalanceEntry } from '../../domain/balance/balance.ts';
import { addEntry, getBalance, listEntries, putBalance } from '../../domain/balance/balance-store.ts';
import { resumeUnpaidTasks } from '../../domain/balance/resume-unpaid.ts';
import { errors } from '../../domain/error/registry.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import {
  balanceChangeSchema,
  balanceSchema,
  entryHeadersSchema,
  entrySchema,
  newEntrySchema,
  resumedTasksSchema,
} from './rate-schema.ts';
import { pageQuerySchema, pageSchema, idParamsSchema as params } from './schema.ts';

const tags = ['balances'];

/** /accounts/{id}/balance and its entries: accounts that pay in advance. */
export function mountBalances(instance: AdminInstance, { db, scheduling }: Pick<AdminDeps, 'db' | 'scheduling'>): void {
  instance.get(
    '/accounts/:id/balance',
    { schema: { tags, params, response: { 200: balanceSchema } } },
    async (request) => balanceAnswer(await getBalance(db, request.params.id)),
  );
  instance.put(
    '/accounts/:id/balance',
    { schema: { tags, params, body: balanceChangeSchema, response: { 200: balanceSchema } } },
    async ({ params: { id }, body: { credit = '0' } }) => balanceAnswer(await putBalance(db, id, { credit })),
  );
  instance.post(
    '/accounts/:id/balance/resume-tasks',
    { schema: { tags, params, response: { 200: resumedTasksSchema } } },
    async ({ params: { id } }) => ({ taskIds: await resumeUnpaidTasks(db, id, scheduling) }),
  );
  instance.get(
    '/accounts/:id/balance/entries',
    { schema: { tags, params, querystring: pageQuerySchema, response: { 200: pageSchema(entrySchema) } } },
    async ({ params: { id }, query: { page = 1, pageSize = 50 } }) => {
      await getBalance(db, id);
      const { total, records } = await listEntries(db, id, { current: page, size: pageSize });
      return { total, page, pageSize, items: records.map(entryAnswer) };
    },
  );
  instance.post(
    '/accounts/:id/balance/entries',
    {
      schema: {
        tags,
        params,
        headers: entryHeadersSchema,
        body: newEntrySchema,
        response: { 200: entrySchema, 201: entrySchema },
      },
    },
    async ({ params: { id }, headers, body: { kind, amount, note = null } }, reply) => {
      if (Number(amount) === 0) throw errors.badParameter('amount', 'must not be 0');
      if (kind !== 'correction' && amount.startsWith('-')) {
        throw errors.badParameter('amount', 'may be below zero for a correction only');
      }
      const requestKey = headers['idempotency-key'];
      const { entry, isNew } = await addEntry(db, id, { kind, amount, note, requestKey });
      return reply.code(isNew ? 201 : 200).send(entryAnswer(entry));
    },
  );
}

function balanceAnswer(balance: Balance) {
  return { ...balance, createdAt: balance.createdAt.toISOString(), updatedAt: balance.updatedAt.toISOString() };
}

function entryAnswer(entry: BalanceEntry) {
  return { ...entry, createdAt: entry.createdAt.toISOString(), updatedAt: entry.updatedAt.toISOString() };
}
