import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Page, PageRequest } from '../paging/page.ts';
import type { CallRecord } from './record.ts';

/** Throws `unknownRecord`. */
export async function getRecord(db: Db, accountId: number, voiceId: string): Promise<CallRecord> {
  throw new BugError(`not written yet ${db} ${accountId} ${voiceId}`);
}
/** Records whose task was submitted, and whose call was begun, in the span (contract 8.2); newest first. */
export async function listRecords(
  db: Db,
  accountId: number,
  span: { readonly from: Date; readonly to: Date },
  page: PageRequest,
): Promise<Page<CallRecord>> {
  throw new BugError(`not written yet ${db} ${accountId} ${span} ${page}`);
}
