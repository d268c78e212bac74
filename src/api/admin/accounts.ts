import type { Account } from '../../domain/account/account.ts';
import { createAccount, getAccount, listAccounts, updateAccount } from '../../domain/account/account-store.ts';
import { errors } from '../../domain/error/registry.ts';
import type { SpeechProvider } from '../../speech/synthesizer.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import { pageOfList } from './paging.ts';
import * as schema from './schema.ts';

const tags = ['accounts'];

/**
 * /accounts. The secret is shown when an account is made, and at /accounts/{id}/credentials for whoever sets up a client later: it must stay readable anyway,
 * because `Sign` is an MD5 over it. Listings never hold it.
 */
export function mountAccounts(instance: AdminInstance, { db, voices }: Pick<AdminDeps, 'db' | 'voices'>): void {
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
      requireProvider(voices, request.body.speechProvider);
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
    async (request) => {
      requireProvider(voices, request.body.speechProvider);
      return accountAnswer(await updateAccount(db, request.params.id, request.body));
    },
  );
}

/** Refuses a provider that could not speak. */
function requireProvider(voices: AdminDeps['voices'], provider: SpeechProvider | undefined): void {
  if (provider === undefined || voices[provider] !== null) return;
  throw errors.badParameter(
    'speechProvider',
    `${provider} is not set up here: set CARILLON_GOOGLE_CREDENTIALS and start again`,
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
    speechProvider: account.speechProvider,
    rateTableId: account.rateTableId,
    requiresRate: account.requiresRate,
    isEnabled: account.isEnabled,
    createdAt: account.createdAt.toISOString(),
    updatedAt: account.updatedAt.toISOString(),
  };
}
