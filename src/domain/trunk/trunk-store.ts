import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db, Tables } from '../../db/tables.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { NewTrunk, Trunk, TrunkChange } from './trunk.ts';
import { fieldProblem, type TrunkProblem, trunkProblem } from './trunk-problem.ts';

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
  refuse(fieldProblem(fields));
  return inTransaction(db, async (tx) => {
    const insert = tx
      .insertInto('trunk')
      .values({ ...columnsOf(fields), name: fields.name, host: fields.host })
      .returning('trunk_id');
    const { trunk_id: trunkId } = await namedOnce(fields, () => insert.executeTakeFirstOrThrow());
    return whole(tx, trunkId);
  });
}

/** Changes what is given. Throws `unknownEntry`, `nameTaken`, `badParameter`; then nothing was changed. */
export async function updateTrunk(db: Db, trunkId: number, change: TrunkChange): Promise<Trunk> {
  refuse(fieldProblem(change));
  return inTransaction(db, async (tx) => {
    const update = tx
      .updateTable('trunk')
      .set({ ...columnsOf(change), updated_at: sql`now()` })
      .where('trunk_id', '=', trunkId);
    await namedOnce(change, () => update.execute());
    return whole(tx, trunkId);
  });
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
    transport: fields.transport,
    outbound_proxy: fields.outboundProxy,
    username: fields.username,
    auth_username: fields.authUsername,
    password: fields.password,
    registers: fields.registers,
    register_expires_s: fields.registerExpiresS,
    tls_ca_certificates: fields.tlsCaCertificates,
    tls_certificate: fields.tlsCertificate,
    tls_private_key: fields.tlsPrivateKey,
    tls_server_name: fields.tlsServerName,
    tls_is_verified: fields.tlsIsVerified,
    media_encryption: fields.mediaEncryption,
    dtmf: fields.dtmf,
    offer: fields.offer,
    session_expires_s: fields.sessionExpiresS,
    max_redirects: fields.maxRedirects,
    strip_prefix: fields.stripPrefix,
    add_prefix: fields.addPrefix,
    has_plus: fields.hasPlus,
    max_cps: fields.maxCps,
    max_channels: fields.maxChannels,
    codecs: fields.codecs && [...fields.codecs],
    caller_ids: fields.callerIds && [...fields.callerIds],
    caller_id_choice: fields.callerIdChoice,
    caller_id_has_plus: fields.callerIdHasPlus,
    from_user: fields.fromUser,
    from_domain: fields.fromDomain,
    identity: fields.identity,
    is_private: fields.isPrivate,
    headers: fields.headers && JSON.stringify(fields.headers),
    prefixes: fields.prefixes && [...fields.prefixes],
    priority: fields.priority,
    weight: fields.weight,
    options_interval_s: fields.optionsIntervalS,
    breaker_failures: fields.breakerFailures,
    breaker_failure_percent: fields.breakerFailurePercent,
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
      'transport',
      'outbound_proxy as outboundProxy',
      'username',
      'auth_username as authUsername',
      'password',
      'registers',
      'register_expires_s as registerExpiresS',
      'tls_ca_certificates as tlsCaCertificates',
      'tls_certificate as tlsCertificate',
      'tls_private_key as tlsPrivateKey',
      'tls_server_name as tlsServerName',
      'tls_is_verified as tlsIsVerified',
      'media_encryption as mediaEncryption',
      'dtmf',
      'offer',
      'session_expires_s as sessionExpiresS',
      'max_redirects as maxRedirects',
      'strip_prefix as stripPrefix',
      'add_prefix as addPrefix',
      'has_plus as hasPlus',
      'max_cps as maxCps',
      'max_channels as maxChannels',
      sql<Trunk['codecs']>`codecs`.as('codecs'),
      'caller_ids as callerIds',
      'caller_id_choice as callerIdChoice',
      'caller_id_has_plus as callerIdHasPlus',
      'from_user as fromUser',
      'from_domain as fromDomain',
      'identity',
      'is_private as isPrivate',
      'headers',
      'prefixes',
      'priority',
      'weight',
      'options_interval_s as optionsIntervalS',
      'breaker_failures as breakerFailures',
      'breaker_failure_percent as breakerFailurePercent',
      'is_enabled as isEnabled',
      'created_at as createdAt',
      'updated_at as updatedAt',
    ]);
}

/** The trunk as it was just written, if it fits together: only with the table's defaults and what was there before can that be told. */
async function whole(tx: Db, trunkId: number): Promise<Trunk> {
  const trunk = await getTrunk(tx, trunkId);
  refuse(trunkProblem(trunk));
  return trunk;
}

function refuse(problem: TrunkProblem | null): void {
  if (problem !== null) throw errors.badParameter(...problem);
}

async function namedOnce<T>(fields: TrunkChange, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isDatabaseError(error, sqlState.uniqueViolation)) throw errors.nameTaken('trunk', fields.name ?? '');
    throw error;
  }
}
