import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { TrunkHealth } from './trunk.ts';

/** A report without a heartbeat this recent is a dead process's. */
const heartbeatLifetimeS = 15;

/** One entry per trunk, from live dialer processes only. */
export async function listTrunkHealth(db: Db): Promise<TrunkHealth[]> {
  // The best state that any process sees: one dialer's broken network is not the trunk's fault.
  const { rows } = await sql<TrunkHealth>`
    select t.trunk_id as "trunkId",
           case when h.processes is null then 'unknown' when h.up then 'up' when h.probing then 'probing' else 'down' end as state,
           case when h.up then null else h.reason end as reason,
           coalesce(h.active_calls, 0)::int as "activeCalls",
           h.updated_at as "updatedAt"
      from trunk t
      left join (
        select trunk_id, count(*) as processes, bool_or(state = 'up') as up, bool_or(state = 'probing') as probing,
               (array_agg(reason order by th.updated_at desc) filter (where reason is not null))[1] as reason,
               sum(active_calls) as active_calls, max(th.updated_at) as updated_at
          from trunk_health th
          join process p using (process_id)
         where p.status = 'live' and p.heartbeat_at > now() - make_interval(secs => ${heartbeatLifetimeS})
         group by trunk_id) h using (trunk_id)
     order by t.priority, t.trunk_id`.execute(db);
  return rows;
}

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
