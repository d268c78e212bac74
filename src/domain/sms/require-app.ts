import type { Db } from '../../db/tables.ts';
import { findApp, requireApp } from '../app/app-store.ts';
import { errors } from '../error/registry.ts';
import type { CallSettings } from '../task/settings.ts';

/** Throws unless the account has such an app of kind sms (`unknownApp`) and it can send (`appHasNoChannel`). Returns its channel. */
export async function requireSmsApp(db: Db, accountId: number, appId: string): Promise<number> {
  const { smsChannelId } = await requireApp(db, accountId, appId, 'sms');
  if (smsChannelId === null) throw errors.appHasNoChannel(appId);
  return smsChannelId;
}

/** The same for a request to send at once, whose pages have a code of their own for it. Throws `unknownSmsApp`, `channelNotBound`. */
export async function requireBoundSmsApp(db: Db, accountId: number, appId: string): Promise<number> {
  const app = await findApp(db, accountId, appId);
  if (app?.kind !== 'sms') throw errors.unknownSmsApp(appId);
  if (app.smsChannelId === null) throw errors.channelNotBound(appId);
  return app.smsChannelId;
}

/**
 * Looks at the SMS apps of a task and of its recall rounds: a round that names none sends over the task's. Throws `unknownApp`, `appHasNoChannel`, and
 * `smsAppMissing` where a round has nothing to send over.
 */
export async function requireSmsApps(
  db: Db,
  accountId: number,
  { taskAppId, settings }: { readonly taskAppId: string | null; readonly settings: readonly CallSettings[] },
): Promise<void> {
  const texting = settings.filter(({ hangUpSms }) => hangUpSms.hangUpSms === 1);
  const appIds = texting.map(({ hangUpSms }) => hangUpSms.smsAppId ?? taskAppId);
  for (const appId of new Set(appIds)) {
    if (appId === null) throw errors.smsAppMissing();
    await requireSmsApp(db, accountId, appId);
  }
}
