import { sql } from 'kysely';
import type { Db } from '../../src/db/tables.ts';
import { createApp } from '../../src/domain/app/app-store.ts';
import type { NewSmsChannel } from '../../src/domain/sms/channel.ts';
import { createSmsChannel } from '../../src/domain/sms/channel-store.ts';
import { smsQueueChannel } from '../../src/domain/sms/follow-calls.ts';
import type { HangUpSms } from '../../src/domain/task/settings.ts';

let channels = 0;

/** A channel, an outbox unless `fields` says otherwise, and an app of the account that sends over it. */
export async function addSmsApp(
  db: Db,
  accountId: number,
  fields: Partial<NewSmsChannel> = {},
): Promise<{ appId: string; smsChannelId: number }> {
  channels += 1;
  const name = `channel ${channels} of ${accountId}`;
  const channel = await createSmsChannel(db, { name, settings: { kind: 'outbox' }, ...fields });
  const { smsChannelId } = channel;
  const app = await createApp(db, { accountId, name: `sms ${channels}`, kind: 'sms', smsChannelId });
  return { appId: app.appId, smsChannelId };
}

/** SMS settings with all triggers off but those that are given. */
export function texting(smsAppId: string, fields: Partial<HangUpSms>): HangUpSms {
  return {
    hangUpSms: 1,
    smsAppId,
    smsContent: 'Hello',
    senderId: null,
    feedbackPush: 0,
    feedbackValue: null,
    successPush: 0,
    successPushTime: 10,
    failedPush: 0,
    ringPush: 0,
    ...fields,
  };
}

export type MessagesOf = {
  readonly accountId: number;
  readonly appId: string;
  readonly smsChannelId: number;
  readonly count: number;
};

/** Messages of a client's request, due `dueInS` from now and valid for `validityS` after that. */
export async function addMessages(
  db: Db,
  { accountId, appId, smsChannelId, count }: MessagesOf,
  { dueInS = 0, validityS = 3600 }: { readonly dueInS?: number; readonly validityS?: number } = {},
): Promise<void> {
  await sql`
    with made as (
      insert into sms_message (created_day, account_id, app_id, sms_channel_id, trigger, number, content, due_at, expires_at)
      select (now() at time zone 'utc')::date, ${accountId}::bigint, ${appId}, ${smsChannelId}::bigint, 'request', (86130000000 + n)::text, 'text ' || n,
        now() + make_interval(secs => ${dueInS}), now() + make_interval(secs => ${dueInS + validityS})
      from generate_series(1, ${count}::int) n returning 1
    )
    select pg_notify(${smsQueueChannel}, '') from made limit 1`.execute(db);
}
