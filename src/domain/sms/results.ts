import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { SmsSendResult } from '../../sms/sms-transport.ts';
import { inTransaction } from '../in-transaction.ts';
import { type SmsInput, smsChange } from './machine.ts';
import type { SmsKey } from './message.ts';

/** What came of handing over a message that was claimed. */
export type SmsResult = {
  readonly key: SmsKey;
  readonly result: SmsSendResult;
  readonly at: Date;
  /** When one that was refused for now may be sent again. */
  readonly againAt: Date;
};

/**
 * Writes what came of a channel's messages, and counts what was accepted to the tasks, in one transaction. Only messages that the process has claimed; one that
 * was given up meanwhile may still turn out to have been accepted (see machine.ts). The same write again does nothing.
 */
export async function writeResults(
  db: Db,
  { processId, smsChannelId }: { readonly processId: string; readonly smsChannelId: number },
  results: readonly SmsResult[],
): Promise<void> {
  if (results.length === 0) return;
  await inTransaction(db, async (tx) => {
    const sent: ChangedMessage[] = [];
    for (const group of Map.groupBy(results, ({ result }) => JSON.stringify(inputOf(result))).values()) {
      const [first] = group;
      if (first === undefined) continue;
      const changed = await writeChange(tx, processId, inputOf(first.result), group);
      const ids = new Set(changed.map(({ smsId }) => smsId));
      await awaitReceipts(
        tx,
        smsChannelId,
        group.filter(({ key }) => ids.has(key.smsId)),
      );
      if (first.result.type === 'accepted') sent.push(...changed);
    }
    await countSent(tx, sent);
  });
}

function inputOf(result: SmsSendResult): SmsInput {
  switch (result.type) {
    case 'accepted':
      return { type: 'accepted' };
    case 'refused':
      return { type: 'refused', isFinal: result.isFinal };
    case 'unknown':
      return { type: 'in-doubt' };
  }
}

/** A message, and the task whose counter counts it; null: none. */
type ChangedMessage = { readonly smsId: number; readonly taskId: number | null };

/** Returns the messages that it changed. */
async function writeChange(
  db: Db,
  processId: string,
  input: SmsInput,
  group: readonly SmsResult[],
): Promise<ChangedMessage[]> {
  const { from, to } = smsChange(input);
  const of = group.map(({ key, result, at, againAt }) => {
    const isRefused = result.type === 'refused';
    return {
      ...key,
      providerIds: isRefused || result.providerIds.length === 0 ? null : JSON.stringify(result.providerIds),
      code: isRefused ? result.code : null,
      reason: result.type === 'accepted' ? null : result.reason,
      at,
      dueAt: to === 'queued' ? againAt : null,
    };
  });
  const { rows } = await sql<ChangedMessage>`
    update sms_message m set state = ${to}, code = u.code, reason = u.reason, due_at = coalesce(u.due_at, m.due_at),
      provider_ids = case when u.provider_ids is null then m.provider_ids else array(select jsonb_array_elements_text(u.provider_ids)) end,
      sent_at = case when ${to} = 'sent' then u.at else m.sent_at end, done_at = case when ${to} = 'failed' then u.at else m.done_at end
    from unnest(${of.map((row) => row.createdDay)}::date[], ${of.map((row) => row.smsId)}::bigint[], ${of.map((row) => row.providerIds)}::jsonb[],
      ${of.map((row) => row.code)}::text[], ${of.map((row) => row.reason)}::text[], ${of.map((row) => row.at)}::timestamptz[],
      ${of.map((row) => row.dueAt)}::timestamptz[]) as u (created_day, sms_id, provider_ids, code, reason, at, due_at)
    where m.created_day = u.created_day and m.sms_id = u.sms_id and m.process_id = ${processId} and m.state = any(${from}::text[])
    returning m.sms_id as "smsId", m.task_id as "taskId"`.execute(db);
  return rows;
}

/** Also of parts that were accepted before all became doubtful. Over a channel that was deleted meanwhile none will come. */
async function awaitReceipts(db: Db, smsChannelId: number, results: readonly SmsResult[]): Promise<void> {
  const parts = results.flatMap(({ key, result, at }) =>
    result.type === 'refused' ? [] : result.providerIds.map((providerId) => ({ ...key, providerId, at })),
  );
  if (parts.length === 0) return;
  await sql`
    insert into sms_receipt_due (sms_channel_id, provider_id, created_day, sms_id, sent_at)
    select h.sms_channel_id, u.* from sms_channel h cross join unnest(${parts.map((part) => part.providerId)}::text[],
      ${parts.map((part) => part.createdDay)}::date[], ${parts.map((part) => part.smsId)}::bigint[], ${parts.map((part) => part.at)}::timestamptz[]) as u
    where h.sms_channel_id = ${smsChannelId} for key share of h
    on conflict do nothing`.execute(db);
}

/** The tasks' rows are locked in the order of their ids, as the end of calls does it, and last: their calls end all the time. */
async function countSent(db: Db, sent: readonly ChangedMessage[]): Promise<void> {
  const counts = new Map<number, number>();
  for (const { taskId } of sent) if (taskId !== null) counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
  if (counts.size === 0) return;
  await sql`
    with counted as (
      select * from unnest(${[...counts.keys()]}::bigint[], ${[...counts.values()]}::int[]) as u (task_id, n)
    ), locked as (
      select t.task_id from task t where t.task_id in (select task_id from counted) order by t.task_id for no key update
    )
    update task t set sms_sent_count = t.sms_sent_count + counted.n
    from counted join locked using (task_id) where t.task_id = counted.task_id`.execute(db);
}
