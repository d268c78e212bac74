import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { Peer, Usage } from './share.ts';

export type ProcessIdentity = {
  readonly processId: string;
  readonly kind: 'api' | 'dialer';
  readonly host: string;
  readonly pid: number;
};

/** Without a heartbeat this recent a process is taken for dead by those who only look on. */
export const heartbeatLifetimeS = 15;

/** What a heartbeat brings back. */
export type HeartbeatResult = {
  /**
   * When it was stored, by the server's clock. null: it was not, because the others take this process for dead or its row is gone; it is fenced and
   * must end.
   */
  readonly storedAt: Date | null;
  /** All live dialer processes, this one included. */
  readonly dialers: readonly Peer[];
};

/**
 * Adds the process as live. Returns the live dialers, this one included. One at a time under an advisory lock: of two that start together, one
 * sees the other and waits for its share. `storedAt` is its first heartbeat, by the server's clock.
 */
export async function registerProcess(
  db: Db,
  identity: ProcessIdentity,
): Promise<{ readonly storedAt: Date; readonly peers: readonly Peer[] }> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext('carillon process'))`.execute(tx);
    const { processId, kind, host, pid } = identity;
    const { heartbeat_at: storedAt } = await tx
      .insertInto('process')
      .values({ process_id: processId, kind, host, pid })
      .returning('heartbeat_at')
      .executeTakeFirstOrThrow();
    const peers = await sql<{ process_id: string; usage: Usage }>`
      select process_id, usage from process where kind = 'dialer' and status = 'live'`.execute(tx);
    return { storedAt, peers: peers.rows.map((row) => ({ processId: row.process_id, usage: row.usage })) };
  });
}

/**
 * Says that the process lives and what it holds, and reads the others, in one round trip. `heartbeat_at` is the server's clock, the
 * only one that is compared with it.
 */
export async function heartbeat(db: Db, processId: string, usage: Usage): Promise<HeartbeatResult> {
  const result = await sql<{ stored_at: Date | null; dialers: { process_id: string; usage: Usage }[] }>`
    with me as (
      update process set heartbeat_at = clock_timestamp(), usage = ${JSON.stringify(usage)}::jsonb
      where process_id = ${processId} and status = 'live'
      returning heartbeat_at
    )
    select (select heartbeat_at from me) as stored_at,
      coalesce((select json_agg(json_build_object('process_id', process_id, 'usage', usage))
        from process where kind = 'dialer' and status = 'live'), '[]') as dialers`.execute(db);
  const row = result.rows[0];
  if (!row) return { storedAt: null, dialers: [] };
  return {
    storedAt: row.stored_at,
    dialers: row.dialers.map((dialer) => ({ processId: dialer.process_id, usage: dialer.usage })),
  };
}

/** The orderly end: nothing of it is open any more. */
export async function markStopped(db: Db, processId: string): Promise<void> {
  await db
    .updateTable('process')
    .set({ status: 'stopped' })
    .where('process_id', '=', processId)
    .where('status', '=', 'live')
    .execute();
}
