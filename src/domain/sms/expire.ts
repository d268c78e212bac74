import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { doubtUnheld } from './in-doubt.ts';
import { smsChange } from './machine.ts';

/** How long the receipts of a message are waited for: carriers try for three days at most. */
const receiptDays = 3;

/**
 * Ends what waits no more: messages whose validity is over, accepted ones whose receipts have not come, and those that nobody is sending any more. Any process may do it
 * at any time.
 */
export async function expireMessages(
  db: Db,
  now: Date,
): Promise<{ expired: number; unreported: number; abandoned: number }> {
  const over = smsChange({ type: 'validity-over' });
  const expired = await sql`
    update sms_message set state = ${over.to}, reason = coalesce(reason, 'the channel did not take it while it was valid'), done_at = ${now}
    where state = 'queued' and expires_at <= ${now}`.execute(db);
  const silent = smsChange({ type: 'no-receipt' });
  const unreported = await sql`
    with gone as (
      delete from sms_receipt_due where sent_at < ${new Date(now.getTime() - receiptDays * 86_400_000)} returning created_day, sms_id
    )
    update sms_message m set state = ${silent.to}, reason = 'no receipt came'
    from (select distinct created_day, sms_id from gone) g
    where m.created_day = g.created_day and m.sms_id = g.sms_id and m.state = any(${silent.from}::text[])`.execute(db);
  return {
    expired: Number(expired.numAffectedRows ?? 0),
    unreported: Number(unreported.numAffectedRows ?? 0),
    abandoned: await doubtUnheld(db),
  };
}

/** The names of a channel's parts without a receipt, in their order, from the first one after `after` on. */
export async function receiptsDue(
  db: Db,
  smsChannelId: number,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ providerId: string }>`
    select distinct provider_id as "providerId" from sms_receipt_due
    where sms_channel_id = ${smsChannelId} and provider_id > ${after ?? ''} order by provider_id limit ${limit}`.execute(
    db,
  );
  return rows.map((row) => row.providerId);
}
