import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { Timestamp } from './column-types.ts';

export type AccountTable = {
  account_id: GeneratedAlways<number>;
  name: string;
  api_key: string;
  api_secret: string;
  time_zone: Generated<string>;
  language: Generated<'en' | 'zh-CN'>;
  ip_allow_list: Generated<string[]>;
  max_concurrency: number | null;
  recording_days: Generated<number>;
  speech_provider: Generated<'espeak' | 'google'>;
  rate_table_id: number | null;
  requires_rate: Generated<boolean>;
  is_enabled: Generated<boolean>;
  created_at: Timestamp;
  updated_at: Timestamp;
};

export type AppTable = {
  app_seq: GeneratedAlways<number>;
  app_id: string;
  account_id: number;
  name: string;
  kind: 'voice' | 'sms';
  sms_channel_id: number | null;
  report_url: ColumnType<string | null, string | null | undefined, string | null>;
  report_secret: ColumnType<string | null, string | null | undefined, string>;
  has_report_batches: Generated<boolean>;
  is_report_paused: Generated<boolean>;
  created_at: Timestamp;
};

export type SecretTable = {
  purpose: string;
  value: Buffer;
  created_at: Timestamp;
};
