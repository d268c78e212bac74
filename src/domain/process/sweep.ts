import { sql } from 'kysely';
import { indeterminateOutcome } from '../../call/outcome.ts';
import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { endCalls } from '../record/call-ledger-sql.ts';

const batchSize = 500;

export type SweepResult = { readonly deadProcesses: readonly string[]; readonly endedCalls: number };

/**
 * Buries the dead: processes whose heartbeat is older than the lease are marked dead, and the calls they left open end as indeterminate, those
 * that were answered as connected. Any number of processes may do this at once: who marks is decided by the row lock, and a call is
 * ended and counted by exactly one (see {@link endCalls}). A process that is marked can claim nothing any more: a claim and the mark lock the same row.
 */
export async function sweepDeadProcesses(db: Db, leaseMs: number, scheduling: Scheduling): Promise<SweepResult> {
  const marked = await sql<{ process_id: string }>`
    update process set status = 'dead'
    where status = 'live' and process_id in (
      select process_id from process where status = 'live' and heartbeat_at < now() - make_interval(secs => ${leaseMs / 1000})
      for update skip locked)
    returning process_id`.execute(db);
  let endedCalls = 0;
  for (;;) {
    const ended = await endOrphans(db, scheduling);
    endedCalls += ended;
    if (ended < batchSize) break;
  }
  // A day for whoever looks into what happened; the rest would make the search for orphans slower for ever.
  await sql`
    delete from process p where status <> 'live' and heartbeat_at < now() - interval '1 day'
      and not exists (select from call c where c.process_id = p.process_id and c.state <> 'ended')`.execute(db);
  return { deadProcesses: marked.rows.map((row) => row.process_id), endedCalls };
}

type Orphan = {
  created_day: string;
  task_id: number;
  seq: number;
  attempt: number;
  process_id: string;
  answered_at: Date | null;
  at: Date;
};

/** One batch in one transaction, so that the rows of a big task are never locked for long. Returns how many it found. */
async function endOrphans(db: Db, scheduling: Scheduling): Promise<number> {
  return db.transaction().execute(async (tx) => {
    // The partial index call_open holds open calls only: the search does not grow with the number of calls ever made.
    const orphans = await sql<Orphan>`
      select created_day, task_id, seq, attempt, process_id, answered_at, now() as at from call
      where state <> 'ended' and process_id = any (array(select process_id from process where status <> 'live'))
      limit ${batchSize}
      for update skip locked`.execute(tx);
    for (const [processId, calls] of Map.groupBy(orphans.rows, (row) => row.process_id)) {
      const snapshots = calls.map((call) => ({
        createdDay: call.created_day,
        taskId: call.task_id,
        seq: call.seq,
        state: 'ended' as const,
        trunkId: null,
        attempt: call.attempt,
        displayNum: null,
        invitedAt: null,
        ringingAt: null,
        answeredAt: null,
        end: {
          endedAt: call.at,
          outcome: indeterminateOutcome('processDied', call.answered_at !== null),
          feedbackValue: null,
          digits: null,
        },
      }));
      await endCalls(tx, processId, snapshots, scheduling);
    }
    return orphans.rows.length;
  });
}
