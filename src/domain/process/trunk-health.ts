import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';

/** A trunk's circuit as one dialer process sees it. */
export type TrunkHealthReport = {
  readonly trunkId: number;
  readonly state: 'up' | 'down' | 'probing';
  /** Why it is not up; null: it is. */
  readonly reason: string | null;
  readonly activeCalls: number;
};

/** Writes what changed. A trunk that was deleted meanwhile is left out. */
export async function writeTrunkHealth(
  db: Db,
  processId: string,
  reports: readonly TrunkHealthReport[],
): Promise<void> {
  if (reports.length === 0) return;
  await sql`
    insert into trunk_health (trunk_id, process_id, state, reason, active_calls, updated_at)
    select u.trunk_id, ${processId}, u.state, u.reason, u.active_calls, now()
    from unnest(
      ${reports.map((report) => report.trunkId)}::bigint[], ${reports.map((report) => report.state)}::text[],
      ${reports.map((report) => report.reason)}::text[], ${reports.map((report) => report.activeCalls)}::int[]
    ) as u (trunk_id, state, reason, active_calls)
    join trunk using (trunk_id)
    where exists (select from process where process_id = ${processId})
    on conflict (trunk_id, process_id) do update set
      state = excluded.state, reason = excluded.reason, active_calls = excluded.active_calls, updated_at = now()`.execute(
    db,
  );
}
