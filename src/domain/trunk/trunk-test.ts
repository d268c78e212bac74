import { sql } from 'kysely';
import type { TrunkExamination } from '../../call/engine.ts';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { heartbeatLifetimeS } from '../process/registry.ts';

/** Its payload is a `trunkTestId`. */
export const trunkTestChannel = 'carillon_trunk_test';

/** What a live dialer process saw of a trunk that it was asked to look at. */
export type TrunkTestReport = {
  readonly processId: string;
  readonly host: string;
  /** null: it has not answered. */
  readonly examination: TrunkExamination | null;
};

/** A test that nobody waits for any more: its api process died. */
const forgottenAfterS = 60;

/** Asks every live dialer process to look at a trunk; resolves to the test's id. Throws `unknownEntry`. */
export async function requestTrunkTest(db: Db, trunkId: number): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with forgotten as (
      delete from trunk_test where requested_at < now() - make_interval(secs => ${forgottenAfterS})
    ), made as (
      insert into trunk_test (trunk_id) select trunk_id from trunk where trunk_id = ${trunkId} returning trunk_test_id
    )
    select trunk_test_id as id, pg_notify(${trunkTestChannel}, trunk_test_id::text) from made`.execute(db);
  const [made] = rows;
  if (made === undefined) throw errors.unknownEntry('trunk', trunkId);
  return made.id;
}

/** The trunk of a test; null: it is over. */
export async function trunkOfTest(db: Db, trunkTestId: number): Promise<number | null> {
  const row = await db
    .selectFrom('trunk_test')
    .select('trunk_id')
    .where('trunk_test_id', '=', trunkTestId)
    .executeTakeFirst();
  return row?.trunk_id ?? null;
}

/** Says what a process saw. A test that is over meanwhile takes no report. */
export async function writeTrunkTestReport(
  db: Db,
  report: { readonly trunkTestId: number; readonly processId: string; readonly examination: TrunkExamination },
): Promise<void> {
  await sql`
    insert into trunk_test_report (trunk_test_id, process_id, examination)
    select trunk_test_id, ${report.processId}, ${JSON.stringify(report.examination)}::jsonb
    from trunk_test where trunk_test_id = ${report.trunkTestId} for key share
    on conflict do nothing`.execute(db);
}

/** One entry for each live dialer process that was there to be asked. */
export async function trunkTestReports(db: Db, trunkTestId: number): Promise<TrunkTestReport[]> {
  const { rows } = await sql<TrunkTestReport>`
    select p.process_id as "processId", p.host, r.examination
    from trunk_test t
    join process p on p.started_at < t.requested_at
    left join trunk_test_report r on r.process_id = p.process_id and r.trunk_test_id = t.trunk_test_id
    where t.trunk_test_id = ${trunkTestId} and p.kind = 'dialer' and p.status = 'live' and p.heartbeat_at > now() - make_interval(secs => ${heartbeatLifetimeS})
    order by p.started_at, p.process_id`.execute(db);
  return rows;
}

/** Forgets a test and what was reported. */
export async function endTrunkTest(db: Db, trunkTestId: number): Promise<void> {
  await db.deleteFrom('trunk_test').where('trunk_test_id', '=', trunkTestId).execute();
}
