import type { CallKey } from '../record/voice-id.ts';

/** Why a message was made: what of its call the task asked for, a client's request, or the operator's test of a channel. */
export type SmsTrigger = 'success' | 'feedback' | 'failed' | 'ring' | 'request' | 'test';

/** See machine.ts. */
export const smsStates = ['queued', 'sending', 'sent', 'delivered', 'failed', 'expired', 'unknown'] as const;
export type SmsState = (typeof smsStates)[number];

/** What a message's row is found by. */
export type SmsKey = {
  /** Its partition, `YYYY-MM-DD`. */
  readonly createdDay: string;
  readonly smsId: number;
};

/** A message as the ledger has it. */
export type SmsMessage = {
  /** See {@link formatMsgId}. */
  readonly msgId: string;
  readonly trigger: SmsTrigger;
  /** null: the operator's own. */
  readonly accountId: number | null;
  readonly appId: string | null;
  readonly smsChannelId: number | null;
  /** The call that it follows; null: none. */
  readonly call: Omit<CallKey, 'createdDay'> | null;
  readonly number: string;
  readonly senderId: string | null;
  /** As it is sent: variables are filled. */
  readonly content: string;
  readonly orderId: string | null;
  readonly state: SmsState;
  /** When it may leave. */
  readonly dueAt: Date;
  /** How often it was handed to the channel. */
  readonly attempt: number;
  /** The channel's names for the SMS that it became; null: it was not accepted. */
  readonly providerIds: readonly string[] | null;
  /** The channel's code and words for the last refusal, failure or doubt; null: there was none. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly createdAt: Date;
  /** When the channel accepted it; null: it has not. */
  readonly sentAt: Date | null;
  /** When its state became final; null: it is not, or it ended without anything being known of when. */
  readonly doneAt: Date | null;
};

/** The message id that clients see: day (yymmdd) and the message's number in thirteen digits. */
export function formatMsgId({ createdDay, smsId }: SmsKey): string {
  return `${createdDay.slice(2).replaceAll('-', '')}${String(smsId).padStart(13, '0')}`;
}

/** The key behind a message id; null: it is none. */
export function parseMsgId(msgId: string): SmsKey | null {
  const match = /^(\d{2})(\d{2})(\d{2})(\d{13})$/.exec(msgId);
  if (!match) return null;
  const [, year, month, day, smsId] = match;
  const createdDay = `20${year}-${month}-${day}`;
  const date = new Date(`${createdDay}T00:00:00Z`);
  // Not every six digits are a day, and PostgreSQL refuses one that is none.
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(createdDay);
  return isDay ? { createdDay, smsId: Number(smsId) } : null;
}
