import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { offsetOf, type Page, type PageRequest, pageOf } from '../paging/page.ts';
import { lastResults } from './last-result.ts';
import type { CallRecord } from './record.ts';
import { type RecordRow, recordColumns } from './record-columns.ts';
import { parseVoiceId } from './voice-id.ts';

/** Found by primary key, which the id holds. Throws `unknownRecord`. */
export async function getRecord(db: Db, accountId: number, voiceId: string): Promise<CallRecord> {
  const key = parseVoiceId(voiceId);
  if (!key) throw errors.unknownRecord(voiceId);
  const { rows } = await sql<RecordRow>`
    select ${recordColumns}
      from call k join task t using (task_id)
     where k.created_day = ${key.createdDay}::date and k.task_id = ${key.taskId} and k.seq = ${key.seq}
       and k.account_id = ${accountId}`.execute(db);
  const [record] = await lastResults(db, rows);
  if (!record) throw errors.unknownRecord(voiceId);
  return record;
}

/** Records of calls begun in the span (contract 8.2), those of one direct call's rounds once, by the first; newest first. */
export async function listRecords(
  db: Db,
  accountId: number,
  span: { readonly from: Date; readonly to: Date },
  page: PageRequest,
): Promise<Page<CallRecord>> {
  // A call is never older than its task, so partitions of later days are left out; earlier ones may hold a slow task's calls.
  const matching = sql`
    k.account_id = ${accountId} and not k.is_repeat and k.claimed_at between ${span.from} and ${span.to}
    and k.created_day <= (${span.to}::timestamptz at time zone 'utc')::date`;
  const newestFirst = sql`k.claimed_at desc, k.task_id desc, k.seq desc`;
  const counted = await sql<{ total: number }>`select count(*) as total from call k where ${matching}`.execute(db);
  const { rows } = await sql<RecordRow>`
    select ${recordColumns}
      from (select * from call k where ${matching} order by ${newestFirst} limit ${page.size} offset ${offsetOf(page)}) k
      join task t using (task_id)
     order by ${newestFirst}`.execute(db);
  return pageOf(page, counted.rows[0]?.total ?? 0, await lastResults(db, rows));
}
