import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { smsQueueChannel } from './follow-calls.ts';
import { formatMsgId, type SmsKey } from './message.ts';

/** A text to several numbers, which have been checked. */
export type SmsSubmission = {
  /** null: the operator's own, to test a channel. */
  readonly sender: { readonly accountId: number; readonly appId: string } | null;
  readonly smsChannelId: number;
  readonly content: string;
  /** null: the channel's. */
  readonly senderId: string | null;
  readonly recipients: readonly { readonly number: string; readonly orderId: string | null }[];
};

export type SubmittedSms = {
  readonly key: SmsKey;
  readonly msgId: string;
  readonly number: string;
  readonly orderId: string | null;
};

/** Stores one message for each recipient, in one statement: all of them are accepted, or none is. They leave at once. Returns them in the order of the recipients. */
export async function submitSms(db: Db, submission: SmsSubmission, now: Date): Promise<SubmittedSms[]> {
  const { sender, smsChannelId, content, senderId, recipients } = submission;
  const { rows } = await sql<SmsKey & { number: string; orderId: string | null }>`
    with made as (
      insert into sms_message (created_day, account_id, app_id, sms_channel_id, trigger, number, sender_id, content, order_id, due_at, expires_at, created_at)
      select ${now.toISOString().slice(0, 10)}::date, ${sender?.accountId ?? null}::bigint, ${sender?.appId ?? null}, h.sms_channel_id,
        ${sender === null ? 'test' : 'request'}, r.number, ${senderId}, ${content}, r.order_id, ${now}::timestamptz,
        ${now}::timestamptz + make_interval(secs => h.validity_s), ${now}::timestamptz
      from sms_channel h cross join unnest(${recipients.map((recipient) => recipient.number)}::text[],
        ${recipients.map((recipient) => recipient.orderId)}::text[]) with ordinality as r (number, order_id, n)
      where h.sms_channel_id = ${smsChannelId}
      order by r.n
      returning created_day, sms_id, number, order_id
    ), told as (select pg_notify(${smsQueueChannel}, '') from made limit 1)
    select created_day as "createdDay", sms_id as "smsId", number, order_id as "orderId" from made left join told on true order by sms_id`.execute(
    db,
  );
  return rows.map(({ number, orderId, ...key }) => ({ key, msgId: formatMsgId(key), number, orderId }));
}
