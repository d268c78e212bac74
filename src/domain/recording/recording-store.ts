import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import type { CallKey } from '../record/voice-id.ts';
import type { RecordingResult, StoredRecording } from './recording.ts';
import { parseRecordingFileId } from './recording-name.ts';

/**
 * Writes down what became of a call's recording. What is stored replaces what was lost, and not the other way round: a file that was given up may turn up again.
 * Returns false when there is no such call (any more).
 */
export async function writeRecording(db: Db, key: CallKey, result: RecordingResult): Promise<boolean> {
  const stored = result.state === 'stored' ? result : null;
  const { rows } = await sql<{ isKnown: boolean }>`
    with k as (
      select created_day, task_id, seq, account_id, coalesce(answered_at, claimed_at) as started_at from call
       where created_day = ${key.createdDay}::date and task_id = ${key.taskId} and seq = ${key.seq}
    ), written as (
      insert into recording (created_day, task_id, seq, account_id, started_at, state, problem, store, blob_name, bytes, duration_ms)
      select created_day, task_id, seq, account_id, started_at, ${result.state}, ${result.problem}, ${stored?.store ?? null},
             ${stored?.blobName ?? null}, ${stored?.bytes ?? null}, ${stored?.durationMs ?? null}
        from k
      on conflict (created_day, task_id, seq) do update
        set state = excluded.state, problem = excluded.problem, store = excluded.store, blob_name = excluded.blob_name,
            bytes = excluded.bytes, duration_ms = excluded.duration_ms, written_at = now()
        where recording.state = 'lost' or excluded.state = 'stored'
    )
    select exists (select from k) as "isKnown"`.execute(db);
  return rows[0]?.isKnown ?? false;
}

/** A stored recording; `accountId` null: whoever's. Throws `unknownRecording`. */
export async function getStoredRecording(db: Db, accountId: number | null, fileId: string): Promise<StoredRecording> {
  const key = parseRecordingFileId(fileId);
  if (!key) throw errors.unknownRecording(fileId);
  const ofAccount = accountId === null ? sql`true` : sql`account_id = ${accountId}`;
  const { rows } = await sql<Omit<StoredRecording, 'fileId'>>`
    select store, blob_name as "blobName", bytes from recording
     where created_day = ${key.createdDay}::date and task_id = ${key.taskId} and seq = ${key.seq}
       and state = 'stored' and ${ofAccount}`.execute(db);
  const row = rows[0];
  if (!row) throw errors.unknownRecording(fileId);
  return { fileId, ...row };
}
