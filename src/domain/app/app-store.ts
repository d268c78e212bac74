import { type SelectQueryBuilder, sql } from 'kysely';
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
  /** Where its calls are reported to; null: they are not. */
  readonly reportUrl: string | null;
  /** Whether reports come in arrays. */
  readonly hasReportBatches: boolean;
  /** Whether reports wait. */
  readonly isReportPaused: boolean;
  /** What an app of kind sms sends over; null: it cannot send. */
  readonly smsChannelId: number | null;
  readonly createdAt: Date;
};

/** What of an app can be changed. Who gives a URL has checked it. */
export type AppChange = Partial<
  Pick<App, 'name' | 'reportUrl' | 'hasReportBatches' | 'isReportPaused' | 'smsChannelId'>
>;

/** `appId` only to move an existing client here; otherwise generated. */
export type NewApp = {
  readonly accountId: number;
  readonly name: string;
  readonly kind: 'voice' | 'sms';
  readonly appId?: string;
} & Omit<AppChange, 'name'>;

/** Throws `nameTaken`, `channelOfVoiceApp`, and `unknownEntry` for the account or the SMS channel. */
export async function createApp(db: Db, fields: NewApp): Promise<App> {
  const appId = fields.appId ?? randomToken(8);
  await requireSmsChannel(db, fields.smsChannelId, fields.kind);
  try {
    await db
      .insertInto('app')
      .values({
        app_id: appId,
        account_id: fields.accountId,
        name: fields.name,
        kind: fields.kind,
        ...columnsOf(fields),
        ...(typeof fields.reportUrl === 'string' && { report_secret: newReportSecret() }),
      })
      .execute();
  } catch (error) {
    throw asRequestError(error, fields);
  }
  return selectApps(db).where('app_id', '=', appId).executeTakeFirstOrThrow();
}

/** Changes what is given; the first URL brings a secret along. Throws `nameTaken`, `channelOfVoiceApp`, and `unknownEntry` where there is no such app or SMS channel. */
export async function updateApp(db: Db, appId: string, change: AppChange): Promise<App> {
  const columns = {
    ...(change.name !== undefined && { name: change.name }),
    ...columnsOf(change),
    ...(typeof change.reportUrl === 'string' && {
      report_secret: sql<string>`coalesce(report_secret, ${newReportSecret()})`,
    }),
  };
  await requireSmsChannel(db, change.smsChannelId, (await getApp(db, appId)).kind);
  try {
    if (Object.keys(columns).length > 0) await db.updateTable('app').set(columns).where('app_id', '=', appId).execute();
  } catch (error) {
    throw asRequestError(error, change);
  }
  return getApp(db, appId);
}

/** What a write was refused for; a channel may have been deleted since it was looked for. */
function asRequestError(error: unknown, { name = '', accountId = 0, smsChannelId }: Partial<NewApp>): unknown {
  if (isDatabaseError(error, sqlState.uniqueViolation)) return errors.nameTaken('app', name);
  if (!isDatabaseError(error, sqlState.foreignKeyViolation)) return error;
  const isOfChannel = Object(error).constraint === 'app_sms_channel_id_fkey';
  return isOfChannel
    ? errors.unknownEntry('SMS channel', smsChannelId ?? 0)
    : errors.unknownEntry('account', accountId);
}

/** Whoever's. Throws `unknownEntry`. */
export async function getApp(db: Db, appId: string): Promise<App> {
  const app = await selectApps(db).where('app_id', '=', appId).executeTakeFirst();
  if (app === undefined) throw errors.unknownEntry('app', appId);
  return app;
}

/** What the app's reports are signed with; null: it never had a URL for them. Throws `unknownEntry`. */
export async function getReportSecret(db: Db, appId: string): Promise<string | null> {
  const row = await db.selectFrom('app').select('report_secret').where('app_id', '=', appId).executeTakeFirst();
  if (row === undefined) throw errors.unknownEntry('app', appId);
  return row.report_secret;
}

/** Gives the app another secret, which signs whatever is sent from a few seconds after. Throws `unknownEntry`. */
export async function renewReportSecret(db: Db, appId: string): Promise<string> {
  const secret = newReportSecret();
  const result = await db
    .updateTable('app')
    .set({ report_secret: secret })
    .where('app_id', '=', appId)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) throw errors.unknownEntry('app', appId);
  return secret;
}

/** 190 bits. */
function newReportSecret(): string {
  return randomToken(32);
}

/** Without what is not given. */
function columnsOf({ reportUrl, hasReportBatches, isReportPaused, smsChannelId }: AppChange) {
  return {
    ...(reportUrl !== undefined && { report_url: reportUrl }),
    ...(hasReportBatches !== undefined && { has_report_batches: hasReportBatches }),
    ...(isReportPaused !== undefined && { is_report_paused: isReportPaused }),
    ...(smsChannelId !== undefined && { sms_channel_id: smsChannelId }),
  };
}

async function requireSmsChannel(db: Db, id: number | null | undefined, kind: App['kind']): Promise<void> {
  if (typeof id !== 'number') return;
  if (kind !== 'sms') throw errors.channelOfVoiceApp();
  const found = await db.selectFrom('sms_channel').select('name').where('sms_channel_id', '=', id).executeTakeFirst();
  if (found === undefined) throw errors.unknownEntry('SMS channel', id);
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
      'report_url as reportUrl',
      'has_report_batches as hasReportBatches',
      'is_report_paused as isReportPaused',
      'sms_channel_id as smsChannelId',
      'created_at as createdAt',
    ]);
}
