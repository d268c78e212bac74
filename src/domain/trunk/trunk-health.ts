import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { heartbeatLifetimeS } from '../process/registry.ts';
import type { TrunkHealth } from './trunk.ts';

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

/** A trunk as one dialer process sees it; all times in ISO 8601. */
export type TrunkHealthReport = {
  readonly trunkId: number;
  /** Whether it takes calls; `probing`: a few, to find out. */
  readonly state: 'up' | 'down' | 'probing';
  /** Why it is not up; null: it is. */
  readonly reason: string | null;
  readonly activeCalls: number;
  readonly circuit: TrunkCircuit;
  /** null: the trunk does not register. */
  readonly registration: TrunkRegistrationReport | null;
  /** The last OPTIONS; null: none was sent. */
  readonly options: TrunkOptionsReport | null;
};

export type TrunkCircuit = {
  readonly state: 'closed' | 'open' | 'probing' | 'half_open';
  readonly since: string;
  /** The last failure; null: none since the last good call. */
  readonly reason: string | null;
  /** When an open circuit is looked at again; null: it is not open. */
  readonly nextTryAt: string | null;
  /** Calls of the last minute, and how many of them failed for the trunk's sake. */
  readonly recentCalls: number;
  readonly recentFailures: number;
};

export type TrunkRegistrationReport = {
  readonly state: 'registering' | 'registered' | 'failed' | 'unregistered';
  /** What came of the last try; null: success, or none has ended. */
  readonly reason: string | null;
  readonly expiresAt: string | null;
  readonly nextTryAt: string | null;
};

export type TrunkOptionsReport = {
  /** null: no answer. */
  readonly status: number | null;
  readonly roundTripMs: number | null;
  readonly at: string;
};

/** Writes what changed. A trunk that was deleted meanwhile is left out. */
export async function writeTrunkHealth(
  db: Db,
  processId: string,
  reports: readonly TrunkHealthReport[],
): Promise<void> {
  if (reports.length === 0) return;
  await sql`
    insert into trunk_health (trunk_id, process_id, state, reason, active_calls, circuit, registration, options, updated_at)
    select u."trunkId", ${processId}, u.state, u.reason, u."activeCalls", u.circuit, u.registration, u.options, now()
    from jsonb_to_recordset(${JSON.stringify(reports)}::jsonb) as u
      ("trunkId" bigint, state text, reason text, "activeCalls" int, circuit jsonb, registration jsonb, options jsonb)
    join trunk on trunk.trunk_id = u."trunkId"
    where exists (select from process where process_id = ${processId})
    on conflict (trunk_id, process_id) do update set
      state = excluded.state, reason = excluded.reason, active_calls = excluded.active_calls, circuit = excluded.circuit,
      registration = excluded.registration, options = excluded.options, updated_at = now()`.execute(db);
}
