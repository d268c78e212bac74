import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db, Tables } from '../../db/tables.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Account, AccountChange, NewAccount } from './account.ts';
import { randomToken } from './random-token.ts';
import { zoneOf } from './zone.ts';

/** The account of an API key, enabled or not; null: none. */
export async function findAccountByApiKey(db: Db, apiKey: string): Promise<Account | null> {
  return (await selectAccounts(db).where('api_key', '=', apiKey).executeTakeFirst()) ?? null;
}

/** Throws `unknownEntry` when there is none. */
export async function getAccount(db: Db, accountId: number): Promise<Account> {
  const account = await selectAccounts(db).where('account_id', '=', accountId).executeTakeFirst();
  if (!account) throw errors.unknownEntry('account', accountId);
  return account;
}

/** All accounts, oldest first. */
export async function listAccounts(db: Db): Promise<Account[]> {
  return selectAccounts(db).orderBy('account_id').execute();
}

/** Throws `nameTaken`, and `badParameter` for an unknown zone, a bad address, or a rate table that is not there or not in the balance's currency. */
export async function createAccount(db: Db, fields: NewAccount): Promise<Account> {
  checkZone(fields.timeZone);
  // 8 characters like the dialect's (contract 1.2).
  const credentials = fields.credentials ?? { apiKey: randomToken(8), apiSecret: randomToken(16) };
  return inTransaction(db, async (tx) => {
    const insert = tx.insertInto('account').values({
      name: fields.name,
      api_key: credentials.apiKey,
      api_secret: credentials.apiSecret,
      time_zone: fields.timeZone,
      language: fields.language,
      ip_allow_list: fields.ipAllowList && addressList(fields.ipAllowList),
      max_concurrency: fields.maxConcurrency ?? null,
      recording_days: fields.recordingDays,
      speech_provider: fields.speechProvider,
      rate_table_id: fields.rateTableId ?? null,
      requires_rate: fields.requiresRate,
    });
    const { account_id: accountId } = await asRequestErrors(
      () => insert.returning('account_id').executeTakeFirstOrThrow(),
      fields.name,
    );
    await requireFittingRateTable(tx, accountId);
    return getAccount(tx, accountId);
  });
}

/** Changes what is given; disabling is `isEnabled: false`. Throws as {@link createAccount} and {@link getAccount} do. */
export async function updateAccount(db: Db, accountId: number, change: AccountChange): Promise<Account> {
  checkZone(change.timeZone);
  return inTransaction(db, async (tx) => {
    const update = tx
      .updateTable('account')
      .set({
        name: change.name,
        time_zone: change.timeZone,
        language: change.language,
        ip_allow_list: change.ipAllowList && addressList(change.ipAllowList),
        max_concurrency: change.maxConcurrency,
        recording_days: change.recordingDays,
        speech_provider: change.speechProvider,
        rate_table_id: change.rateTableId,
        requires_rate: change.requiresRate,
        is_enabled: change.isEnabled,
        updated_at: sql`now()`,
      })
      .where('account_id', '=', accountId);
    await asRequestErrors(() => update.execute(), change.name ?? '');
    if (change.rateTableId !== undefined) await requireFittingRateTable(tx, accountId);
    return getAccount(tx, accountId);
  });
}

function selectAccounts(db: Db): SelectQueryBuilder<Tables, 'account', Account> {
  return db
    .selectFrom('account')
    .select([
      'account_id as accountId',
      'name',
      'api_key as apiKey',
      'api_secret as apiSecret',
      'time_zone as timeZone',
      'language',
      sql<string[]>`ip_allow_list::text[]`.as('ipAllowList'),
      'max_concurrency as maxConcurrency',
      'recording_days as recordingDays',
      'speech_provider as speechProvider',
      'rate_table_id as rateTableId',
      'requires_rate as requiresRate',
      'is_enabled as isEnabled',
      'created_at as createdAt',
      'updated_at as updatedAt',
    ]);
}

function addressList(addresses: readonly string[]) {
  return sql<string[]>`${[...addresses]}::text[]::cidr[]`;
}

function checkZone(timeZone: string | undefined): void {
  if (timeZone === undefined || (zoneOf(timeZone) && !/^[+-]/.test(timeZone))) return;
  throw errors.badParameter('timeZone', `"${timeZone}" is not an IANA time zone such as Asia/Shanghai`);
}

/** The account's row is locked. Its rate table is, too, until the transaction ends: deleting one waits, and finds out. */
async function requireFittingRateTable(tx: Db, accountId: number): Promise<void> {
  const { rows } = await sql<{ isHeld: boolean | null; currency: string | null }>`
    select t.retired_at is null as "isHeld", t.currency
      from account a join rate_table t using (rate_table_id) where a.account_id = ${accountId} for key share of t`.execute(
    tx,
  );
  const [table] = rows;
  if (table?.isHeld === false) throw noRateTable();
  const balance = await tx
    .selectFrom('account_balance')
    .select('currency')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (!balance || balance.currency === table?.currency) return;
  throw errors.badParameter('rateTableId', `must be a table in ${balance.currency}, as the account's balance is`);
}

function noRateTable() {
  return errors.badParameter('rateTableId', 'is not a rate table that there is');
}

async function asRequestErrors<T>(run: () => Promise<T>, name: string): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isDatabaseError(error, sqlState.uniqueViolation)) throw errors.nameTaken('account', name);
    if (isDatabaseError(error, sqlState.foreignKeyViolation)) throw noRateTable();
    if (isDatabaseError(error, sqlState.invalidText)) {
      throw errors.badParameter('ipAllowList', 'must hold addresses or networks such as 203.0.113.7 or 203.0.113.0/24');
    }
    throw error;
  }
}
