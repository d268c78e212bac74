import type { SelectQueryBuilder } from 'kysely';
import type { Db, Tables } from '../../db/tables.ts';
import { randomToken } from '../account/random-token.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';

/** What a client names as `appId`. */
export type App = {
  /** The dialect's idxAppId. */
  readonly appSeq: number;
  /** 8 letters and digits. */
  readonly appId: string;
  readonly accountId: number;
  readonly name: string;
  readonly kind: 'voice' | 'sms';
  readonly createdAt: Date;
};

/** `appId` only to move an existing client here; otherwise generated. */
export type NewApp = {
  readonly accountId: number;
  readonly name: string;
  readonly kind: 'voice' | 'sms';
  readonly appId?: string;
};

/** Throws `nameTaken`, and `unknownEntry` for the account. */
export async function createApp(db: Db, fields: NewApp): Promise<App> {
  const appId = fields.appId ?? randomToken(8);
  try {
    await db
      .insertInto('app')
      .values({ app_id: appId, account_id: fields.accountId, name: fields.name, kind: fields.kind })
      .execute();
  } catch (error) {
    if (isDatabaseError(error, sqlState.uniqueViolation)) throw errors.nameTaken('app', fields.name);
    if (isDatabaseError(error, sqlState.foreignKeyViolation)) throw errors.unknownEntry('account', fields.accountId);
    throw error;
  }
  return selectApps(db).where('app_id', '=', appId).executeTakeFirstOrThrow();
}

/** Apps of one account, or of all when null; oldest first. */
export async function listApps(db: Db, accountId: number | null): Promise<App[]> {
  const apps = selectApps(db).orderBy('app_seq');
  return (accountId === null ? apps : apps.where('account_id', '=', accountId)).execute();
}

/** null: the account has no such app. */
export async function findApp(db: Db, accountId: number, appId: string): Promise<App | null> {
  const app = selectApps(db).where('account_id', '=', accountId).where('app_id', '=', appId);
  return (await app.executeTakeFirst()) ?? null;
}

/** Throws `unknownApp` unless the account has such an app of the kind. */
export async function requireApp(db: Db, accountId: number, appId: string, kind: App['kind']): Promise<App> {
  const app = await findApp(db, accountId, appId);
  if (app?.kind !== kind) throw errors.unknownApp(appId, kind);
  return app;
}

function selectApps(db: Db): SelectQueryBuilder<Tables, 'app', App> {
  return db
    .selectFrom('app')
    .select([
      'app_seq as appSeq',
      'app_id as appId',
      'account_id as accountId',
      'name',
      'kind',
      'created_at as createdAt',
    ]);
}
