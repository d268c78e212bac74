import type { Db } from '../../db/tables.ts';
import type { Account } from '../../domain/account/account.ts';
import { createAccount, getAccount, listAccounts, updateAccount } from '../../domain/account/account-store.ts';
import type { AdminInstance } from './admin-instance.ts';
import { pageOfList } from './paging.ts';
import * as schema from './schema.ts';

const tags = ['accounts'];

/**
 * /accounts. The secret is shown when an account is made, and at /accounts/{id}/credentials for whoever sets up a client later: it must stay readable anyway,
 * because `Sign` is an MD5 over it. Listings never hold it.
 */
export function mountAccounts(instance: AdminInstance, db: Db): void {
  instance.get(
    '/accounts',
    {
      schema: { tags, querystring: schema.pageQuerySchema, response: { 200: schema.pageSchema(schema.accountSchema) } },
    },
    async (request) => pageOfList((await listAccounts(db)).map(accountAnswer), request.query),
  );
  instance.post(
    '/accounts',
    { schema: { tags, body: schema.newAccountSchema, response: { 201: schema.createdAccountSchema } } },
    async (request, reply) => {
      const account = await createAccount(db, request.body);
      return reply.code(201).send({ ...accountAnswer(account), apiSecret: account.apiSecret });
    },
  );
  instance.get(
    '/accounts/:id',
    { schema: { tags, params: schema.idParamsSchema, response: { 200: schema.accountSchema } } },
    async (request) => accountAnswer(await getAccount(db, request.params.id)),
  );
  instance.get(
    '/accounts/:id/credentials',
    { schema: { tags, params: schema.idParamsSchema, response: { 200: schema.credentialsSchema } } },
    async (request, reply) => {
      const { apiKey, apiSecret } = await getAccount(db, request.params.id);
      return reply.header('cache-control', 'no-store').send({ apiKey, apiSecret });
    },
  );
  instance.patch(
    '/accounts/:id',
    {
      schema: {
        tags,
        params: schema.idParamsSchema,
        body: schema.accountChangeSchema,
        response: { 200: schema.accountSchema },
      },
    },
    async (request) => accountAnswer(await updateAccount(db, request.params.id, request.body)),
  );
}

function accountAnswer(account: Account) {
  return {
    accountId: account.accountId,
    name: account.name,
    apiKey: account.apiKey,
    timeZone: account.timeZone,
    language: account.language,
    ipAllowList: [...account.ipAllowList],
    maxConcurrency: account.maxConcurrency,
    recordingDays: account.recordingDays,
    isEnabled: account.isEnabled,
    createdAt: account.createdAt.toISOString(),
    updatedAt: account.updatedAt.toISOString(),
  };
}
