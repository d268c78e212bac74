import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { offsetOf, type Page, type PageRequest, pageOf } from '../paging/page.ts';
import { slotS } from './count-calls.ts';
import { countSpan, type RecordSpan, slotsOf, wholeSlots } from './count-span.ts';
import { lastResults } from './last-result.ts';
import { type PagePlace, placeOf, totalOf } from './page-place.ts';
import type { CallRecord } from './record.ts';
import { type RecordRow, recordColumns } from './record-columns.ts';
import { parseVoiceId } from './voice-id.ts';
import { findWaitingCall } from './waiting-call.ts';

/** Found by primary key, which the id holds; a direct call's also before it is claimed. Throws `unknownRecord`. */
export async function getRecord(db: Db, accountId: number, voiceId: string): Promise<CallRecord> {
  const key = parseVoiceId(voiceId);
  if (!key) throw errors.unknownRecord(voiceId);
  const { rows } = await sql<RecordRow>`
    select ${recordColumns}
      from call k join task t using (task_id)
     where k.created_day = ${key.createdDay}::date and k.task_id = ${key.taskId} and k.seq = ${key.seq}
       and k.account_id = ${accountId}`.execute(db);
  const waiting = rows.length > 0 ? null : await findWaitingCall(db, accountId, key);
  const [record] = await lastResults(db, waiting === null ? rows : [waiting]);
  if (!record) throw errors.unknownRecord(voiceId);
  return record;
}

/**
 * Records of calls begun in the span (contract 8.2), those of one direct call's rounds once, by the first; newest first. A page's number is turned into a time by the counts of `countCalls`, so page 1,000 of
 * ten million costs what page 1 costs: the counts of the span's hours, a walk within one slot, and the page. What is not counted yet, the last minutes, is counted here.
 */
export async function listRecords(
  db: Db,
  accountId: number,
  span: RecordSpan,
  page: PageRequest,
): Promise<Page<CallRecord>> {
  const { countedUntil, ...counts } = await countSpan(db, accountId, span);
  const place = placeOf(counts, offsetOf(page), page.size);
  const rows = place === null ? [] : await readPage(db, { accountId, span, size: page.size, countedUntil }, place);
  return pageOf(page, totalOf(counts), await lastResults(db, rows));
}

type Wanted = {
  readonly accountId: number;
  readonly span: RecordSpan;
  readonly size: number;
  /** Where the head begins. */
  readonly countedUntil: Date;
};

async function readPage(db: Db, wanted: Wanted, place: PagePlace): Promise<RecordRow[]> {
  const { accountId, span, size } = wanted;
  const { before, skip } = await startOf(db, wanted, place);
  const newestFirst = sql`k.claimed_at desc, k.task_id desc, k.seq desc`;
  const calls = sql`
    select * from call k
     where k.account_id = ${accountId} and not k.is_repeat and k.claimed_at >= ${span.from} and ${before}
       and k.created_day = any(${[...place.days]}::date[])
     order by ${newestFirst} limit ${size} offset ${skip}`;
  const { rows } = await sql<RecordRow>`
    select ${recordColumns} from (${calls}) k join task t using (task_id) order by ${newestFirst}`.execute(db);
  return rows;
}

/** From where the records are walked over, and how many of them. */
async function startOf(
  db: Db,
  { accountId, span, countedUntil }: Wanted,
  { part, skip }: PagePlace,
): Promise<{ before: RawBuilder<unknown>; skip: number }> {
  const { from } = wholeSlots(span);
  if (part === 'head') return { before: sql`k.claimed_at < ${span.to}`, skip };
  if (part === 'tail') return { before: sql`k.claimed_at < ${from}`, skip };
  const hour = new Date(part.hour * 1000);
  let left = skip;
  for (const { slot, calls } of await slotsOf(db, accountId, hour, { from, to: countedUntil })) {
    const end = new Date(hour.getTime() + slot * slotS * 1000);
    if (left < calls) return { before: sql`k.claimed_at < ${end}`, skip: left };
    left -= calls;
  }
  // The day was dropped a moment ago.
  return { before: sql`k.claimed_at < ${hour}`, skip: 0 };
}
