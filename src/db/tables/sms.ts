import type { Generated, GeneratedAlways } from 'kysely';
import type { JsonWithDefault, Timestamp } from './column-types.ts';

export type SmsChannelTable = {
  sms_channel_id: GeneratedAlways<number>;
  name: string;
  kind: 'smpp' | 'http' | 'outbox';
  settings: JsonWithDefault<unknown>;
  secrets: JsonWithDefault<Record<string, string>>;
  sender_id: string | null;
  max_tps: Generated<number>;
  validity_s: Generated<number>;
  is_enabled: Generated<boolean>;
  version: Generated<number>;
  holder_id: string | null;
  lease_until: Date | null;
  state: 'connecting' | 'up' | 'down' | null;
  state_reason: string | null;
  state_at: Date | null;
  created_at: Timestamp;
  updated_at: Timestamp;
};

export type SmsMessageTable = {
  created_day: string;
  sms_id: Generated<number>;
  account_id: number | null;
  app_id: string | null;
  sms_channel_id: number | null;
  task_id: number | null;
  seq: number | null;
  trigger: 'success' | 'feedback' | 'failed' | 'ring' | 'request' | 'test';
  number: string;
  sender_id: string | null;
  content: string | null;
  order_id: string | null;
  state: Generated<'queued' | 'sending' | 'sent' | 'delivered' | 'failed' | 'expired' | 'unknown'>;
  due_at: Date;
  expires_at: Date;
  process_id: string | null;
  attempt: Generated<number>;
  provider_ids: string[] | null;
  code: string | null;
  reason: string | null;
  created_at: Timestamp;
  sent_at: Date | null;
  done_at: Date | null;
};

export type SmsReceiptDueTable = {
  sms_channel_id: number;
  provider_id: string;
  created_day: string;
  sms_id: number;
  sent_at: Date;
};
