import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { StoreKind } from '../../storage/blob-store.ts';
import type { BlobStores } from '../../storage/blob-stores.ts';
import type { CallKey } from '../record/voice-id.ts';

/** Recordings that are deleted at once. */
const batchSize = 50;

type ExpiredRow = CallKey & { readonly store: StoreKind | null; readonly blobName: string | null };

export type ExpiryResult = {
  readonly deleted: number;
  /** They lie in a store that is not set up any more: left as they are, and looked at again next time. */
  readonly unreachable: number;
};

/**
 * Deletes the recordings that are older than their accounts keep them: the blobs first, then the rows, so that no blob is ever forgotten. May stop anywhere and be done
 * again: a blob that is gone counts as deleted. Two that do it at the same time do it twice, without harm. Rejects when a store fails, and with the signal's reason
 * between two batches.
 */
export async function deleteExpiredRecordings(db: Db, stores: BlobStores, signal: AbortSignal): Promise<ExpiryResult> {
  const kinds = (['file', 's3'] as const).filter((kind) => stores.of(kind) !== null);
  let deleted = 0;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await sql<ExpiredRow>`
      select r.created_day as "createdDay", r.task_id as "taskId", r.seq, r.store, r.blob_name as "blobName"
        from ${expired} and (r.store is null or r.store = any(${kinds}::text[])) limit ${batchSize}`.execute(db);
    await Promise.all(rows.map((row) => deleteBlob(stores, row, signal)));
    await deleteRows(db, rows);
    deleted += rows.length;
    if (rows.length < batchSize) return { deleted, unreachable: await countExpired(db) };
  }
}

/** By the index over account and age: a range for each account. */
const expired = sql`
  account a join recording r on r.account_id = a.account_id where r.started_at < now() - make_interval(days => a.recording_days)`;

async function deleteBlob(stores: BlobStores, { store, blobName }: ExpiredRow, signal: AbortSignal): Promise<void> {
  if (store === null || blobName === null) return;
  await stores.of(store)?.delete(blobName, signal);
}

async function deleteRows(db: Db, rows: readonly ExpiredRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    delete from recording r
     using unnest(${rows.map((row) => row.createdDay)}::date[], ${rows.map((row) => row.taskId)}::bigint[],
                  ${rows.map((row) => row.seq)}::int[]) as u (created_day, task_id, seq)
     where r.created_day = u.created_day and r.task_id = u.task_id and r.seq = u.seq`.execute(db);
}

async function countExpired(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${expired}`.execute(db);
  return rows[0]?.n ?? 0;
}
