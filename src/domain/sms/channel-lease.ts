import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { SmsTransportState } from '../../sms/sms-transport.ts';
import { smsChange } from './machine.ts';
import { storableWords } from './storable.ts';

/** Told when a channel was made, changed or deleted; there is no payload. */
export const smsChannelsChannel = 'carillon_sms_channels';

/** A channel that this process may use until the lease ends, unless it asks again. */
export type LeasedChannel = {
  readonly smsChannelId: number;
  readonly name: string;
  readonly kind: string;
  readonly settings: unknown;
  readonly secrets: Record<string, string>;
  readonly maxTps: number;
  /** Another one after each change of the channel. */
  readonly version: number;
};

/**
 * Keeps the process's channels and takes those that nobody holds, `most` at a time, so that processes that look again and again share them. What a former holder was
 * sending is in doubt then: it is dead, or for so long without the database that it must not send any more. Returns all that it holds.
 */
export async function leaseChannels(
  db: Db,
  processId: string,
  { leaseMs, most }: { readonly leaseMs: number; readonly most: number },
): Promise<LeasedChannel[]> {
  const doubt = smsChange({ type: 'in-doubt' });
  const { rows } = await sql<LeasedChannel>`
    with free as (
      select sms_channel_id from sms_channel
      where is_enabled and holder_id is distinct from ${processId} and (holder_id is null or lease_until < clock_timestamp())
      order by sms_channel_id limit ${most} for update skip locked
    ), held as (
      update sms_channel h set holder_id = ${processId}, lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}),
        state = case when h.holder_id = ${processId} then h.state else 'connecting' end,
        state_reason = case when h.holder_id = ${processId} then h.state_reason end,
        state_at = case when h.holder_id = ${processId} then h.state_at else now() end
      where h.is_enabled and (h.holder_id = ${processId} or h.sms_channel_id in (select sms_channel_id from free))
      returning h.*
    ), doubtful as (
      update sms_message m set state = ${doubt.to}, reason = 'the process that was sending it died or lost the channel'
      where m.sms_channel_id in (select sms_channel_id from free) and m.state = 'sending' and m.process_id is distinct from ${processId}
    )
    select sms_channel_id as "smsChannelId", name, kind, settings, secrets, max_tps as "maxTps", version
    from held order by sms_channel_id`.execute(db);
  return rows;
}

/** Gives channels back, for others to take at once; nothing of them may be under way. */
export async function releaseChannels(db: Db, processId: string, smsChannelIds: readonly number[]): Promise<void> {
  await sql`
    update sms_channel set holder_id = null, lease_until = null
    where holder_id = ${processId} and sms_channel_id = any(${smsChannelIds}::bigint[])`.execute(db);
}

/** What the holder sees, for those who ask how the channel does. */
export async function writeChannelState(
  db: Db,
  processId: string,
  smsChannelId: number,
  { state, reason }: SmsTransportState,
): Promise<void> {
  await sql`
    update sms_channel set state = ${state}, state_reason = ${reason === null ? null : storableWords(reason)}, state_at = now()
    where sms_channel_id = ${smsChannelId} and holder_id = ${processId}`.execute(db);
}
