import { sql } from 'kysely';
import type { SmsState, SmsTrigger } from './message.ts';

/** The message that followed a call, as its record shows it. */
export type CallSms = {
  readonly msgId: string;
  readonly trigger: SmsTrigger;
  readonly state: SmsState;
  /** Why it was refused, failed, or is in doubt; null: nothing is wrong with it. */
  readonly reason: string | null;
};

/** A row of {@link smsColumn}. */
export type CallSmsRow = Omit<CallSms, 'msgId'> & { readonly smsId: number };

/** A call's message as JSON, for a query with `call k` and its `task t` in scope; null: none was made. Looked for only where the task may send one. */
export const smsColumn = sql`case when t.has_hang_up_sms then call_sms(k.created_day, k.task_id, k.seq) end`;
