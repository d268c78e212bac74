import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { SmsReceipt } from '../../sms/sms-transport.ts';
import { inTransaction } from '../in-transaction.ts';
import { smsChange } from './machine.ts';

/**
 * Writes receipts of a channel's messages in one transaction: a message is delivered when its last part is, and has failed with the first that has. Of two for the
 * same part the earlier one holds. Returns the names that some message waited for. A name that a carrier has used again belongs to all messages that still
 * wait for it.
 */
export async function writeReceipts(
  db: Db,
  smsChannelId: number,
  receipts: readonly SmsReceipt[],
): Promise<ReadonlySet<string>> {
  if (receipts.length === 0) return new Set();
  return inTransaction(db, async (tx) => {
    // The messages first: of two parts whose receipts are written at once, the later one has to see what the earlier one did.
    const { rows: awaited } = await sql<{ smsId: number; providerId: string }>`
      with due as (
        select created_day, sms_id, provider_id from sms_receipt_due
        where sms_channel_id = ${smsChannelId} and provider_id = any(${receipts.map((receipt) => receipt.providerId)}::text[])
      ), locked as (
        select m.sms_id from sms_message m where (m.created_day, m.sms_id) in (select created_day, sms_id from due) order by m.sms_id for update
      )
      select due.sms_id as "smsId", due.provider_id as "providerId" from due join locked using (sms_id)`.execute(tx);
    if (awaited.length === 0) return new Set<string>();
    await settle(tx, smsChannelId, receipts);
    return new Set(awaited.map((row) => row.providerId));
  });
}

async function settle(tx: Db, smsChannelId: number, receipts: readonly SmsReceipt[]): Promise<void> {
  const delivered = smsChange({ type: 'receipt', isDelivered: true });
  const failed = smsChange({ type: 'receipt', isDelivered: false });
  const { rows } = await sql<{ smsId: number; state: string }>`
    with got as (
      select distinct on (provider_id) * from unnest(
        ${receipts.map((receipt) => receipt.providerId)}::text[], ${receipts.map((receipt) => receipt.state === 'failed')}::boolean[],
        ${receipts.map((receipt) => receipt.doneAt)}::timestamptz[], ${receipts.map((receipt) => receipt.code)}::text[])
        with ordinality as u (provider_id, has_failed, done_at, code, n)
      order by provider_id, n
    ), arrived as (
      delete from sms_receipt_due d using got
      where d.sms_channel_id = ${smsChannelId} and d.provider_id = got.provider_id
      returning d.created_day, d.sms_id, d.provider_id, got.has_failed, got.done_at, got.code
    ), judged as (
      select created_day, sms_id, bool_or(has_failed) as has_failed, max(done_at) as done_at, max(code) as code,
        not exists (select from sms_receipt_due r where r.sms_id = a.sms_id
          and r.provider_id not in (select b.provider_id from arrived b where b.sms_id = a.sms_id)) as is_last
      from arrived a group by created_day, sms_id
    )
    update sms_message m set state = case when j.has_failed then ${failed.to} else ${delivered.to} end,
      done_at = coalesce(j.done_at, now()), code = j.code, reason = case when j.has_failed then 'the network did not deliver it' end
    from judged j
    where m.created_day = j.created_day and m.sms_id = j.sms_id and (j.has_failed or j.is_last)
      and m.state = any(case when j.has_failed then ${failed.from}::text[] else ${delivered.from}::text[] end)
    returning m.sms_id as "smsId", m.state`.execute(tx);
  // Its other parts are waited for no more.
  const lost = rows.filter((row) => row.state === failed.to).map((row) => row.smsId);
  if (lost.length > 0) await sql`delete from sms_receipt_due where sms_id = any(${lost}::bigint[])`.execute(tx);
}
