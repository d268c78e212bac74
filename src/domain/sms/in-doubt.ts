import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { smsChange } from './machine.ts';

/**
 * How long after its lease a holder may still bring results, s: when the database was away, it is back before the lease is. What they say is worth more than
 * a doubt.
 */
const graceS = 60;

/**
 * What nobody is sending any more is in doubt: messages of a process that does not hold their channel, and that nobody takes the channel over from, since it was
 * disabled or is gone. Any process may do it at any time. Returns how many there were.
 */
export async function doubtUnheld(db: Db): Promise<number> {
  const { to } = smsChange({ type: 'in-doubt' });
  const done = await sql`
    update sms_message m set state = ${to}, reason = 'the process that was sending it died or lost the channel'
    where m.state = 'sending' and not exists (
      select from sms_channel h
      where h.sms_channel_id = m.sms_channel_id and h.holder_id = m.process_id and h.lease_until > clock_timestamp() - make_interval(secs => ${graceS}))`.execute(
    db,
  );
  return Number(done.numAffectedRows ?? 0);
}

/** What the process was sending over a channel that it has closed, and of which nothing will be heard, is in doubt. */
export async function doubtClosed(db: Db, processId: string, smsChannelId: number): Promise<void> {
  const { to } = smsChange({ type: 'in-doubt' });
  await sql`
    update sms_message set state = ${to}, reason = 'no answer came before the channel was closed'
    where sms_channel_id = ${smsChannelId} and process_id = ${processId} and state = 'sending'`.execute(db);
}
