import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { type RecordRow, recordColumns } from './record-columns.ts';
import type { CallKey } from './voice-id.ts';

/**
 * A direct call that no dialer has claimed yet, as one that was claimed and not dialed: its client has the voice id from the answer on, and is to find it. null: there is none. The
 * callees of a client's own task have no ids before they are called.
 */
export async function findWaitingCall(
  db: Db,
  accountId: number,
  { createdDay, taskId, seq }: CallKey,
): Promise<RecordRow | null> {
  const { rows } = await sql<RecordRow>`
    select ${recordColumns}
      from task t
      join callee c on c.created_day = ${createdDay}::date and c.task_id = t.task_id and c.seq = ${seq}
      cross join lateral jsonb_populate_record(null::call, jsonb_build_object(
        'created_day', c.created_day, 'task_id', c.task_id, 'seq', c.seq, 'account_id', t.account_id, 'number', c.number,
        'display_num', t.display_num, 'state', 'dialing', 'claimed_at', t.created_at)) k
     where t.task_id = ${taskId} and t.account_id = ${accountId} and t.is_hidden and t.voice_id is null`.execute(db);
  return rows[0] ?? null;
}
