import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { localOutcome } from '../../call/outcome.ts';
import type { Db, DbTransaction } from '../../db/tables.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { endCalls } from '../record/call-ledger-sql.ts';
import { unmadeCall } from '../record/unmade-call.ts';
import type { CallKey } from '../record/voice-id.ts';
import { taskStatus } from '../task/status.ts';

/** Tasks of up to a thousand callees that are given up in one transaction. */
const batchSize = 5;

/**
 * Ends the direct calls that could not be begun: no call of their task has ended for `patienceS`, because the account is disabled, its balance held for other calls, or every trunk away. A code that arrives
 * much later is worse than none, nobody can see or stop what waits, and whoever was given a voice id is told what became of it. Returns how many. Any number of processes may do this at once.
 */
export async function giveUpDirectCalls(db: Db, patienceS: number, scheduling: Scheduling): Promise<number> {
  for (let ended = 0; ; ) {
    const batch = await db.transaction().execute((tx) => giveUpBatch(tx, patienceS, scheduling));
    if (batch === 0) return ended;
    ended += batch;
  }
}

type UnmadeCall = CallKey & { readonly reason: string | null };

async function giveUpBatch(tx: DbTransaction, patienceS: number, scheduling: Scheduling): Promise<number> {
  // Claimed for nobody: the calls end in the same transaction.
  const processId = randomUUID();
  const { rows } = await sql<UnmadeCall>`
    with late as (
      select task_id, created_day, account_id, display_num, voice_id is not null as is_repeat, next_seq, number_count, waiting_reason
        from task
       where status = ${taskStatus.calling} and is_hidden and next_seq <= number_count
         and updated_at < now() - make_interval(secs => ${patienceS})
       order by task_id limit ${batchSize} for update skip locked
    ), moved as (
      update task t set next_seq = l.number_count + 1 from late l where t.task_id = l.task_id
    ), claimed as (
      insert into call (created_day, task_id, seq, account_id, process_id, number, display_num, is_repeat)
      select l.created_day, l.task_id, c.seq, l.account_id, ${processId}::uuid, c.number, l.display_num, l.is_repeat
        from late l join callee c on c.created_day = l.created_day and c.task_id = l.task_id and c.seq >= l.next_seq
      returning created_day, task_id, seq
    )
    select c.created_day as "createdDay", task_id as "taskId", seq, waiting_reason as reason from claimed c join late using (task_id)`.execute(
    tx,
  );
  const endedAt = new Date(scheduling.clock.now());
  const endOf = ({ reason, ...key }: UnmadeCall) =>
    unmadeCall(key, localOutcome('stopped', `not begun in time${reason === null ? '' : `: ${reason}`}`), endedAt);
  return endCalls(tx, processId, rows.map(endOf), scheduling);
}
