import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { fillText } from '../task/settings.ts';
import { smsChange } from './machine.ts';
import type { SmsKey } from './message.ts';

/** A message that this process, and nobody else, may hand to the channel, once. */
export type ClaimedSms = {
  readonly key: SmsKey;
  readonly number: string;
  /** null: the channel's own. */
  readonly senderId: string | null;
  readonly content: string;
  /** This try included. */
  readonly attempt: number;
};

type ClaimedRow = SmsContent &
  SmsKey & {
    readonly number: string;
    readonly senderId: string | null;
    readonly attempt: number;
  };

/** What a message's text is made of. */
export type SmsContent = {
  /** The text itself, or a template with variables. */
  readonly content: string;
  readonly isTemplate: boolean;
  readonly variables: readonly (string | null)[] | null;
};

/** The text as it is sent. */
export function textOf({ content, isTemplate, variables }: SmsContent): string {
  return isTemplate ? fillText(content, variables) : content;
}

/**
 * The columns of {@link SmsContent}, for a query with `sms_message m`, its task `t` and callee `e` in scope. What a client sent as text is text, whatever
 * it looks like; only a task's is a template.
 */
export const contentColumns = sql`
  coalesce(m.content, t.settings #>> '{hangUpSms,smsContent}', '') as content, m.content is null as "isTemplate", e.variables`;

/** The task and the callee of a message, where it has them. */
export const contentJoins = sql`
  left join task t on t.task_id = m.task_id
  left join callee e on e.created_day = m.created_day and e.task_id = m.task_id and e.seq = m.seq`;

/**
 * Takes the messages of a channel that are due, oldest first, for this process, which must hold the channel. When this resolves, that is committed, and they may
 * leave. The share lock on the channel keeps others from taking it over in the middle.
 */
export async function claimMessages(
  db: Db,
  processId: string,
  { smsChannelId, now, max }: { readonly smsChannelId: number; readonly now: Date; readonly max: number },
): Promise<ClaimedSms[]> {
  const { to } = smsChange({ type: 'claimed' });
  const { rows } = await sql<ClaimedRow>`
    with mine as (
      select sms_channel_id, sender_id from sms_channel
      where sms_channel_id = ${smsChannelId} and holder_id = ${processId} and lease_until > clock_timestamp() and is_enabled for share
    ), picked as (
      select m.created_day, m.sms_id from sms_message m join mine on mine.sms_channel_id = m.sms_channel_id
      where m.sms_channel_id = ${smsChannelId} and m.state = 'queued' and m.due_at <= ${now} and m.expires_at > ${now}
      order by m.due_at limit ${max} for update of m skip locked
    ), m as (
      update sms_message m set state = ${to}, process_id = ${processId}::uuid, attempt = m.attempt + 1
      from picked p where m.created_day = p.created_day and m.sms_id = p.sms_id
      returning m.*
    )
    select m.created_day as "createdDay", m.sms_id as "smsId", m.number, m.attempt,
      coalesce(m.sender_id, t.settings #>> '{hangUpSms,senderId}', mine.sender_id) as "senderId", ${contentColumns}
    from m cross join mine ${contentJoins}
    order by m.due_at, m.sms_id`.execute(db);
  return rows.map((row) => ({
    key: { createdDay: row.createdDay, smsId: row.smsId },
    number: row.number,
    senderId: row.senderId === '' ? null : row.senderId,
    content: textOf(row),
    attempt: row.attempt,
  }));
}
