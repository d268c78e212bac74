import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { NewTrunk, Trunk, TrunkChange, TrunkHealth } from './trunk.ts';

/** All trunks, by priority and id. */
export async function listTrunks(db: Db): Promise<Trunk[]> {
  throw new BugError(`not written yet ${db}`);
}
/** Throws `unknownEntry`. */
export async function getTrunk(db: Db, trunkId: number): Promise<Trunk> {
  throw new BugError(`not written yet ${db} ${trunkId}`);
}
/** Throws `nameTaken`, `badParameter`. */
export async function createTrunk(db: Db, fields: NewTrunk): Promise<Trunk> {
  throw new BugError(`not written yet ${db} ${fields}`);
}
/** Changes what is given. Throws `unknownEntry`, `nameTaken`, `badParameter`. */
export async function updateTrunk(db: Db, trunkId: number, change: TrunkChange): Promise<Trunk> {
  throw new BugError(`not written yet ${db} ${trunkId} ${change}`);
}
/** Throws `unknownEntry`. */
export async function deleteTrunk(db: Db, trunkId: number): Promise<void> {
  throw new BugError(`not written yet ${db} ${trunkId}`);
}
/** One entry per trunk, from live dialer processes only. */
export async function listTrunkHealth(db: Db): Promise<TrunkHealth[]> {
  throw new BugError(`not written yet ${db}`);
}
