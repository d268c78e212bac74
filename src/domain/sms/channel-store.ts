import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db, Tables } from '../../db/tables.ts';
import { type SmsChannelSettings, secretSettings } from '../../sms/channel-settings.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { NewSmsChannel, SmsChannel, SmsChannelChange, SmsChannelStatus } from './channel.ts';
import { smsChannelsChannel } from './channel-lease.ts';
import { smsChange } from './machine.ts';

/** All channels, oldest first. */
export async function listSmsChannels(db: Db): Promise<SmsChannel[]> {
  return (await selectChannels(db).orderBy('sms_channel_id').execute()).map(channelOf);
}

/** Throws `unknownEntry`. */
export async function getSmsChannel(db: Db, smsChannelId: number): Promise<SmsChannel> {
  const row = await selectChannels(db).where('sms_channel_id', '=', smsChannelId).executeTakeFirst();
  if (!row) throw errors.unknownEntry('SMS channel', smsChannelId);
  return channelOf(row);
}

/** Throws `nameTaken`. */
export async function createSmsChannel(db: Db, fields: NewSmsChannel): Promise<SmsChannel> {
  return inTransaction(db, async (tx) => {
    const insert = tx
      .insertInto('sms_channel')
      .values({
        ...columnsOf(fields),
        ...splitSettings(fields.settings),
        name: fields.name,
        kind: fields.settings.kind,
      })
      .returning('sms_channel_id');
    const { sms_channel_id: id } = await namedOnce(fields.name, () => insert.executeTakeFirstOrThrow());
    await announce(tx);
    return getSmsChannel(tx, id);
  });
}

/** Changes what is given, settings one by one; whoever uses the channel opens it anew. Throws `unknownEntry`, `nameTaken`. */
export async function updateSmsChannel(db: Db, smsChannelId: number, change: SmsChannelChange): Promise<SmsChannel> {
  return inTransaction(db, async (tx) => {
    await lockChannel(tx, smsChannelId);
    const { settings: known } = await getSmsChannel(tx, smsChannelId);
    const settings: SmsChannelSettings = {
      ...known,
      ...change.settings,
      ...{ kind: known.kind },
    } as SmsChannelSettings;
    const update = tx
      .updateTable('sms_channel')
      .set({
        ...columnsOf(change),
        ...splitSettings(settings),
        name: change.name,
        version: sql`version + 1`,
        updated_at: sql`now()`,
      })
      .where('sms_channel_id', '=', smsChannelId);
    await namedOnce(change.name ?? '', () => update.execute());
    await announce(tx);
    return getSmsChannel(tx, smsChannelId);
  });
}

/** What waits for it has failed then, and what was being sent is in doubt, until its holder says what came of it. Throws `unknownEntry`, and `channelInUse` when apps send over it. */
export async function deleteSmsChannel(db: Db, smsChannelId: number): Promise<void> {
  await inTransaction(db, async (tx) => {
    // Giving it to an app waits for this, and finds out.
    await lockChannel(tx, smsChannelId);
    const { name } = await getSmsChannel(tx, smsChannelId);
    const apps = await tx.selectFrom('app').select('app_id').where('sms_channel_id', '=', smsChannelId).execute();
    if (apps.length > 0)
      throw errors.channelInUse(
        name,
        apps.map((app) => app.app_id),
      );
    // First, since it waits for whoever is claiming, and nobody can claim after it.
    await tx.deleteFrom('sms_channel').where('sms_channel_id', '=', smsChannelId).execute();
    await sql`
      update sms_message set state = 'failed', reason = 'the SMS channel was deleted', done_at = now()
      where sms_channel_id = ${smsChannelId} and state = 'queued'`.execute(tx);
    await sql`
      update sms_message set state = ${smsChange({ type: 'in-doubt' }).to}, reason = 'the SMS channel was deleted while it was being sent'
      where sms_channel_id = ${smsChannelId} and state = 'sending'`.execute(tx);
    await announce(tx);
  });
}

/** How all channels do, or one. */
export async function readSmsChannelStatuses(db: Db, smsChannelId: number | null): Promise<SmsChannelStatus[]> {
  const { rows } = await sql<SmsChannelStatus>`
    select h.sms_channel_id as "smsChannelId", h.name, h.is_enabled as "isEnabled",
      case when h.lease_until > now() then coalesce(h.state, 'connecting') else 'idle' end as state,
      case when h.lease_until > now() then h.state_reason end as reason, h.state_at as "stateAt",
      case when h.lease_until > now() then h.holder_id end as "holderId",
      q.n as "queueLength", q.oldest as "oldestDueAt", s.n as "sendingCount", r.n as "awaitedReceipts"
    from sms_channel h
      cross join lateral (select count(*)::int as n, min(due_at) as oldest from sms_message m
        where m.sms_channel_id = h.sms_channel_id and m.state = 'queued' and m.due_at <= now()) q
      cross join lateral (select count(*)::int as n from sms_message m where m.sms_channel_id = h.sms_channel_id and m.state = 'sending') s
      cross join lateral (select count(*)::int as n from sms_receipt_due d where d.sms_channel_id = h.sms_channel_id) r
    where h.sms_channel_id = coalesce(${smsChannelId}::bigint, h.sms_channel_id)
    order by h.sms_channel_id`.execute(db);
  return rows;
}

async function lockChannel(tx: Db, smsChannelId: number): Promise<void> {
  await tx.selectFrom('sms_channel').select('name').where('sms_channel_id', '=', smsChannelId).forUpdate().execute();
}

type ChannelRow = Omit<SmsChannel, 'settings'> & {
  readonly kind: string;
  readonly settings: unknown;
  readonly secrets: Record<string, string>;
};

function selectChannels(db: Db): SelectQueryBuilder<Tables, 'sms_channel', ChannelRow> {
  return db
    .selectFrom('sms_channel')
    .select([
      'sms_channel_id as smsChannelId',
      'name',
      'kind',
      'settings',
      'secrets',
      'sender_id as senderId',
      'max_tps as maxTps',
      'validity_s as validityS',
      'is_enabled as isEnabled',
      'created_at as createdAt',
      'updated_at as updatedAt',
    ]);
}

function channelOf({ kind, settings, secrets, ...channel }: ChannelRow): SmsChannel {
  return { ...channel, settings: joinSettings(kind, settings, secrets) };
}

/** The settings as they were written: only {@link splitSettings} writes them, after a schema has looked at them. */
export function joinSettings(kind: string, settings: unknown, secrets: Record<string, string>): SmsChannelSettings {
  return { ...Object(settings), ...secrets, kind } as SmsChannelSettings;
}

function splitSettings(settings: SmsChannelSettings) {
  const { kind, ...fields } = settings;
  const isSecret = ([name]: [string, unknown]): boolean => secretSettings[kind].includes(name);
  const entries = Object.entries(fields);
  return {
    settings: JSON.stringify(Object.fromEntries(entries.filter((entry) => !isSecret(entry)))),
    secrets: JSON.stringify(Object.fromEntries(entries.filter(isSecret))),
  };
}

function columnsOf(fields: SmsChannelChange | NewSmsChannel) {
  return {
    sender_id: fields.senderId,
    max_tps: fields.maxTps,
    validity_s: fields.validityS,
    is_enabled: fields.isEnabled,
  };
}

async function announce(tx: Db): Promise<void> {
  await sql`select pg_notify(${smsChannelsChannel}, '')`.execute(tx);
}

async function namedOnce<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isDatabaseError(error, sqlState.uniqueViolation)) throw errors.nameTaken('SMS channel', name);
    throw error;
  }
}
