import type { Db } from '../../db/tables.ts';
import { errors } from '../../domain/error/registry.ts';
import type { Trunk, TrunkHealth } from '../../domain/trunk/trunk.ts';
import { listTrunkHealth } from '../../domain/trunk/trunk-health.ts';
import { listTrunks } from '../../domain/trunk/trunk-store.ts';
import { listTrunkReports, type TrunkReport } from './operations-query.ts';

/** Every trunk with its circuit, as a whole and by process. */
export async function readTrunkStatuses(db: Db) {
  const [trunks, health, reports] = await Promise.all([listTrunks(db), listTrunkHealth(db), listTrunkReports(db)]);
  const healthOf = new Map(health.map((entry) => [entry.trunkId, entry]));
  const reportsOf = Map.groupBy(reports, (report) => report.trunkId);
  return trunks.map((trunk) => trunkStatus(trunk, healthOf.get(trunk.trunkId), reportsOf.get(trunk.trunkId) ?? []));
}

/** Throws `unknownEntry`. */
export async function readTrunkStatus(db: Db, trunkId: number) {
  const found = (await readTrunkStatuses(db)).find((status) => status.trunkId === trunkId);
  if (found === undefined) throw errors.unknownEntry('trunk', trunkId);
  return found;
}

function trunkStatus(trunk: Trunk, health: TrunkHealth | undefined, reports: readonly TrunkReport[]) {
  return {
    trunkId: trunk.trunkId,
    name: trunk.name,
    isEnabled: trunk.isEnabled,
    registers: trunk.registers,
    state: health?.state ?? ('unknown' as const),
    reason: health?.reason ?? null,
    activeCalls: health?.activeCalls ?? 0,
    maxChannels: trunk.maxChannels,
    maxCps: trunk.maxCps,
    updatedAt: health?.updatedAt?.toISOString() ?? null,
    processes: reports.map(({ trunkId: _, ...report }) => report),
  };
}
