import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Page, PageRequest } from '../paging/page.ts';
import type { CallRecord } from '../record/record.ts';

/** Contract 15.9. */
export type ResultFilter = {
  readonly taskId: number;
  /** Empty: all, also callees that were not called yet. */
  readonly callStatusList: readonly number[];
  /** Exactly this number; null: any. */
  readonly number: string | null;
};

/** A callee of a task and what came of it; `record` null: not called yet. */
export type CalleeResult = {
  readonly seq: number;
  readonly number: string;
  readonly variables: readonly (string | null)[] | null;
  readonly record: CallRecord | null;
};

/** In the order of submission. Throws `unknownTask`. */
export async function listResults(
  db: Db,
  accountId: number,
  filter: ResultFilter,
  page: PageRequest,
): Promise<Page<CalleeResult>> {
  throw new BugError(`not written yet ${db} ${accountId} ${filter} ${page}`);
}
