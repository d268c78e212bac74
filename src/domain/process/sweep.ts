import { sql } from 'kysely';
import { nothingHeard } from '../../call/engine.ts';
import { indeterminateOutcome } from '../../call/outcome.ts';
import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { type CallSnapshot, endCalls } from '../record/call-ledger-sql.ts';

const batchSize = 500;

export type SweepResult = { readonly deadProcesses: readonly string[]; readonly endedCalls: number };

/**
 * Buries the dead: processes whose heartbeat is older than the lease are marked dead, and the calls they left open end as indeterminate, those
 * that were answered as connected. Any number of processes may do this at once: who marks is decided by the row lock, and a call is
 * ended and counted by exactly one (see {@link endCalls}). A process that is marked can claim nothing any more: a claim and the mark lock the same row.
 * After `until`, by the server's clock, nobody is marked: a mark that the server gets to late says nothing about the others.
 */
export async function sweepDeadProcesses(
  db: Db,
  leaseMs: number,
  scheduling: Scheduling,
  until?: Date,
): Promise<SweepResult> {
  const marked = await sql<{ process_id: string }>`
    update process set status = 'dead'
    where status = 'live' and clock_timestamp() < ${until?.toISOString() ?? 'infinity'}::timestamptz and process_id in (
      select process_id from process where status = 'live' and heartbeat_at < now() - make_interval(secs => ${leaseMs / 1000})
      for update skip locked)
    returning process_id`.execute(db);
  // All that are not live: a sweeper may have died between the mark and the calls.
  const gone = await db.selectFrom('process').select('process_id').where('status', '<>', 'live').execute();
  let endedCalls = 0;
  for (const { process_id: processId } of gone) {
    for (;;) {
      const ended = await endOrphans(db, processId, scheduling);
      endedCalls += ended;
      if (ended < batchSize) break;
    }
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
  answered_at: Date | null;
  at: Date;
};

/** One batch of one process in one transaction, so that the rows of a big task are never locked for long. Returns how many it found. */
async function endOrphans(db: Db, processId: string, scheduling: Scheduling): Promise<number> {
  return db.transaction().execute(async (tx) => {
    // The partial index call_open holds open calls only: the search does not grow with the number of calls ever made.
    const orphans = await sql<Orphan>`
      select created_day, task_id, seq, attempt, answered_at, now() as at from call
      where state <> 'ended' and process_id = ${processId}
      limit ${batchSize}
      for update skip locked`.execute(tx);
    await endCalls(tx, processId, orphans.rows.map(endOf), scheduling);
    return orphans.rows.length;
  });
}

function endOf(orphan: Orphan): CallSnapshot {
  return {
    createdDay: orphan.created_day,
    taskId: orphan.task_id,
    seq: orphan.seq,
    state: 'ended',
    trunkId: null,
    attempt: orphan.attempt,
    displayNum: null,
    invitedAt: null,
    ringingAt: null,
    answeredAt: null,
    // What was written of its keys stays.
    feedbackValue: null,
    digits: null,
    end: {
      endedAt: orphan.at,
      outcome: indeterminateOutcome('processDied', orphan.answered_at !== null),
      ...nothingHeard,
    },
  };
}
