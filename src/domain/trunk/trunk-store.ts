import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db, Tables } from '../../db/tables.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';
import type { NewTrunk, Trunk, TrunkChange } from './trunk.ts';

/** All trunks, by priority and id. */
export async function listTrunks(db: Db): Promise<Trunk[]> {
  return selectTrunks(db).orderBy('priority').orderBy('trunk_id').execute();
}

/** Throws `unknownEntry`. */
export async function getTrunk(db: Db, trunkId: number): Promise<Trunk> {
  const trunk = await selectTrunks(db).where('trunk_id', '=', trunkId).executeTakeFirst();
  if (!trunk) throw errors.unknownEntry('trunk', trunkId);
  return trunk;
}

/** Throws `nameTaken`, `badParameter`. */
export async function createTrunk(db: Db, fields: NewTrunk): Promise<Trunk> {
  const insert = db
    .insertInto('trunk')
    .values({ ...columnsOf(fields), name: fields.name, host: fields.host })
    .returning('trunk_id');
  const { trunk_id: trunkId } = await checked(fields, () => insert.executeTakeFirstOrThrow());
  return getTrunk(db, trunkId);
}

/** Changes what is given. Throws `unknownEntry`, `nameTaken`, `badParameter`. */
export async function updateTrunk(db: Db, trunkId: number, change: TrunkChange): Promise<Trunk> {
  const update = db
    .updateTable('trunk')
    .set({ ...columnsOf(change), updated_at: sql`now()` })
    .where('trunk_id', '=', trunkId);
  await checked(change, () => update.execute());
  return getTrunk(db, trunkId);
}

/** Calls that it carried keep its id. Throws `unknownEntry`. */
export async function deleteTrunk(db: Db, trunkId: number): Promise<void> {
  const result = await db.deleteFrom('trunk').where('trunk_id', '=', trunkId).executeTakeFirst();
  if (result.numDeletedRows === 0n) throw errors.unknownEntry('trunk', trunkId);
}

function columnsOf(fields: TrunkChange) {
  return {
    name: fields.name,
    host: fields.host,
    port: fields.port,
    username: fields.username,
    password: fields.password,
    max_cps: fields.maxCps,
    max_channels: fields.maxChannels,
    codecs: fields.codecs && [...fields.codecs],
    caller_ids: fields.callerIds && [...fields.callerIds],
    prefixes: fields.prefixes && [...fields.prefixes],
    priority: fields.priority,
    weight: fields.weight,
    is_enabled: fields.isEnabled,
  };
}

function selectTrunks(db: Db): SelectQueryBuilder<Tables, 'trunk', Trunk> {
  return db
    .selectFrom('trunk')
    .select([
      'trunk_id as trunkId',
      'name',
      'host',
      'port',
      'username',
      'password',
      'max_cps as maxCps',
      'max_channels as maxChannels',
      sql<Trunk['codecs']>`codecs`.as('codecs'),
      'caller_ids as callerIds',
      'prefixes',
      'priority',
      'weight',
      'is_enabled as isEnabled',
      'created_at as createdAt',
      'updated_at as updatedAt',
    ]);
}

async function checked<T>(fields: TrunkChange, run: () => Promise<T>): Promise<T> {
  const problem = problemOf(fields);
  if (problem) throw errors.badParameter(...problem);
  try {
    return await run();
  } catch (error) {
    if (isDatabaseError(error, sqlState.uniqueViolation)) throw errors.nameTaken('trunk', fields.name ?? '');
    throw error;
  }
}

/** The first field that cannot be, and its rule; null: all fine. */
function problemOf(fields: TrunkChange): [string, string] | null {
  const isNot = (value: number | undefined, from: number, to: number) =>
    value !== undefined && !(Number.isInteger(value) && value >= from && value <= to);
  if (fields.name?.trim() === '') return ['name', 'must not be empty'];
  if (fields.host !== undefined && !/^[\w.:[\]-]+$/.test(fields.host))
    return ['host', 'must be a host name or an address'];
  if (isNot(fields.port, 1, 65_535)) return ['port', 'must be 1 to 65535'];
  if (isNot(fields.maxCps, 1, 100_000)) return ['maxCps', 'must be 1 to 100000'];
  if (isNot(fields.maxChannels, 1, 1_000_000)) return ['maxChannels', 'must be 1 to 1000000'];
  if (isNot(fields.weight, 1, 10_000)) return ['weight', 'must be 1 to 10000'];
  if (isNot(fields.priority, 0, 10_000)) return ['priority', 'must be 0 to 10000'];
  if (fields.codecs?.length === 0) return ['codecs', 'must name at least one of PCMA, PCMU'];
  if (fields.codecs?.some((codec) => codec !== 'PCMA' && codec !== 'PCMU')) return ['codecs', 'may hold PCMA and PCMU'];
  if (fields.prefixes?.some((prefix) => !/^\d{1,18}$/.test(prefix))) return ['prefixes', 'must be digits'];
  if (fields.callerIds?.some((id) => !/^\d{1,20}$/.test(id))) return ['callerIds', 'must be digits'];
  return null;
}
