import type { ColumnType, Generated, GeneratedAlways, Kysely, Transaction } from 'kysely';
import type { AccountBalanceTable, BalanceEntryTable, RateTable, RateTableTable } from './tables/rates.ts';
import type { SmsChannelTable, SmsMessageTable, SmsReceiptDueTable } from './tables/sms.ts';

/**
 * The tables of `migrations/`, as Kysely sees them. How values arrive (see `value-types.ts`): `bigint` is a number (ids and
 * counters stay far below 2^53), `date` is a `YYYY-MM-DD` string, `timestamptz` a Date, `numeric` (which is what `sum` of a bigint
 * gives) a string. JSON columns are read parsed and written as JSON text: pass `JSON.stringify(value)`.
 */
export interface Tables {
  account: AccountTable;
  app: AppTable;
  trunk: TrunkTable;
  process: ProcessTable;
  trunk_health: TrunkHealthTable;
  trunk_test: TrunkTestTable;
  trunk_test_report: TrunkTestReportTable;
  prompt: PromptTable;
  voice_file: VoiceFileTable;
  task: TaskTable;
  callee: CalleeTable;
  call: CallTable;
  call_count: CallCountTable;
  call_counting: CallCountingTable;
  trace_rule: TraceRuleTable;
  call_trace: CallTraceTable;
  recording: RecordingTable;
  report_due: ReportDueTable;
  report: ReportTable;
  report_try: ReportTryTable;
  secret: SecretTable;
  rate_table: RateTableTable;
  rate: RateTable;
  account_balance: AccountBalanceTable;
  balance_entry: BalanceEntryTable;
  recall_flow: RecallFlowTable;
  recall_node: RecallNodeTable;
  sms_channel: SmsChannelTable;
  sms_message: SmsMessageTable;
  sms_receipt_due: SmsReceiptDueTable;
  template: TemplateTable;
  migration: MigrationTable;
}

export type Db = Kysely<Tables>;
export type DbTransaction = Transaction<Tables>;

/** Read parsed, written as JSON text. */
type Json<T> = ColumnType<T, string, string>;
type JsonWithDefault<T> = ColumnType<T, string | undefined, string>;
/** Has a default; may be given on insert and changed. */
type Timestamp = ColumnType<Date, Date | undefined, Date>;

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

export type TrunkTable = {
  trunk_id: GeneratedAlways<number>;
  name: string;
  host: string;
  port: number | null;
  transport: 'udp' | 'tcp' | 'tls' | null;
  outbound_proxy: string | null;
  username: string | null;
  auth_username: string | null;
  password: string | null;
  registers: Generated<boolean>;
  register_expires_s: Generated<number>;
  tls_ca_certificates: string | null;
  tls_certificate: string | null;
  tls_private_key: string | null;
  tls_server_name: string | null;
  tls_is_verified: Generated<boolean>;
  media_encryption: Generated<'none' | 'sdes'>;
  dtmf: Generated<'auto' | 'auto_info' | 'rfc4733' | 'info' | 'inband' | 'all'>;
  offer: Generated<'early' | 'late'>;
  session_expires_s: ColumnType<number | null, number | null | undefined, number | null>;
  max_redirects: Generated<number>;
  strip_prefix: Generated<string>;
  add_prefix: Generated<string>;
  has_plus: Generated<boolean>;
  max_cps: Generated<number>;
  max_channels: Generated<number>;
  codecs: Generated<string[]>;
  caller_ids: Generated<string[]>;
  caller_id_choice: Generated<'fixed' | 'round_robin' | 'by_callee'>;
  caller_id_has_plus: Generated<boolean>;
  from_user: Generated<'username' | 'caller_id'>;
  from_domain: string | null;
  identity: Generated<'none' | 'p_asserted' | 'remote_party'>;
  is_private: Generated<boolean>;
  headers: JsonWithDefault<[string, string][]>;
  prefixes: Generated<string[]>;
  priority: Generated<number>;
  weight: Generated<number>;
  options_interval_s: Generated<number>;
  breaker_failures: Generated<number>;
  breaker_failure_percent: Generated<number>;
  is_enabled: Generated<boolean>;
  created_at: Timestamp;
  updated_at: Timestamp;
};

export type ProcessTable = {
  process_id: string;
  kind: 'api' | 'dialer';
  host: string;
  pid: number;
  status: Generated<'live' | 'stopped' | 'dead'>;
  usage: JsonWithDefault<Record<string, number>>;
  started_at: Timestamp;
  heartbeat_at: Timestamp;
};

export type TrunkHealthTable = {
  trunk_id: number;
  process_id: string;
  state: 'up' | 'down' | 'probing';
  reason: string | null;
  active_calls: Generated<number>;
  circuit: Json<unknown> | null;
  registration: Json<unknown> | null;
  options: Json<unknown> | null;
  updated_at: Timestamp;
};

export type TrunkTestTable = {
  trunk_test_id: GeneratedAlways<number>;
  trunk_id: number;
  requested_at: Timestamp;
};

export type TrunkTestReportTable = {
  trunk_test_id: number;
  process_id: string;
  examination: Json<unknown>;
};

export type PromptTable = {
  prompt_id: GeneratedAlways<number>;
  cache_key: string;
  sample_rate: number;
  duration_ms: number;
  /** Mono, signed 16 bit little endian. */
  pcm: Buffer;
  /** LUFS. */
  loudness_before: number | null;
  loudness_after: number | null;
  waveform: Buffer | null;
  created_at: Timestamp;
  used_at: Timestamp;
};

export type VoiceFileTable = {
  file_id: string;
  account_id: number;
  file_name: string;
  size_bytes: number;
  prompt_id: number;
  is_normalized: boolean;
  is_trimmed: boolean;
  created_at: Timestamp;
};

export type TaskTable = {
  task_id: GeneratedAlways<number>;
  account_id: number;
  app_id: string;
  task_name: string;
  status: 0 | 1 | 2 | 3 | 4 | 5 | 6;
  status_reason: string | null;
  display_num: string | null;
  /** `CallSettings` of `src/domain/task/settings.ts`. */
  settings: Json<unknown>;
  prompt_id: number | null;
  speech_note: string | null;
  delay_play_s: Generated<number>;
  delay_hangup_s: Generated<number>;
  max_ringing_s: Generated<number>;
  loop_count: Generated<number>;
  max_call_s: number;
  is_recorded: Generated<boolean>;
  detects_machine: Generated<boolean>;
  machine_action: Generated<1 | 2>;
  send_time: Date | null;
  windows: JsonWithDefault<{ start: string; end: string }[]>;
  waiting_reason: string | null;
  source_task_id: number | null;
  call_type: Generated<1 | 2>;
  is_hidden: Generated<boolean>;
  called_info: string | null;
  template_id: number | null;
  recall_round: Generated<number>;
  rounds_left: Generated<number>;
  voice_id: string | null;
  /** `YYYY-MM-DD`, UTC. */
  created_day: Generated<string>;
  number_count: number;
  duplicate_count: Generated<number>;
  invalid_count: Generated<number>;
  next_seq: Generated<number>;
  ended_count: Generated<number>;
  success_count: Generated<number>;
  fail_count: Generated<number>;
  key_feedback_count: Generated<number>;
  call_duration_s: Generated<number>;
  has_hang_up_sms: GeneratedAlways<boolean>;
  sms_sent_count: Generated<number>;
  charged_s: Generated<number>;
  created_at: Timestamp;
  updated_at: Timestamp;
  finished_at: Date | null;
};

export type CalleeTable = {
  created_day: string;
  task_id: number;
  seq: number;
  number: string;
  variables: (string | null)[] | null;
};

export type CallTable = {
  created_day: string;
  task_id: number;
  seq: number;
  account_id: number;
  process_id: string;
  trunk_id: number | null;
  attempt: Generated<number>;
  number: string;
  display_num: string | null;
  state: Generated<'dialing' | 'ringing' | 'answered' | 'ended'>;
  claimed_at: Timestamp;
  invited_at: Date | null;
  ringing_at: Date | null;
  answered_at: Date | null;
  ended_at: Date | null;
  outcome_class: 'success' | 'callee' | 'trunk' | 'platform' | 'indeterminate' | null;
  call_status: 10 | 20 | 30 | 40 | 50 | 60 | null;
  termination_code: string | null;
  termination_reason: string | null;
  sip_status: number | null;
  q850_cause: number | null;
  end_reason: string | null;
  feedback_value: string | null;
  digits: string | null;
  media: Json<unknown> | null;
  machine: Json<unknown> | null;
  is_repeat: Generated<boolean>;
  rate_id: number | null;
  charge_limit_s: number | null;
  reserved: string | null;
  charged_duration_s: number | null;
  cost: string | null;
  base_cost: string | null;
};

export type CallCountTable = {
  account_id: number;
  hour: Date;
  created_day: string;
  total: number;
  slots: number[];
};

export type CallCountingTable = {
  is_only_row: Generated<boolean>;
  counted_until: Date | null;
};

export type TraceRuleTable = {
  trace_rule_id: GeneratedAlways<number>;
  task_id: number | null;
  trunk_id: number | null;
  number: string | null;
  max_calls: number;
  traced_calls: Generated<number>;
  lost_calls: Generated<number>;
  expires_at: Date;
  created_at: Timestamp;
};

export type CallTraceTable = {
  created_day: string;
  task_id: number;
  seq: number;
  process_id: string;
  started_at: Date;
  /** `TraceEvent[]` of `src/call/trace.ts` as JSON in UTF-8. */
  events: Buffer;
  dropped_events: number;
};

export type RecordingTable = {
  created_day: string;
  task_id: number;
  seq: number;
  account_id: number;
  state: 'stored' | 'lost';
  problem: string | null;
  store: 'file' | 's3' | null;
  blob_name: string | null;
  bytes: number | null;
  duration_ms: number | null;
  started_at: Date;
  written_at: Timestamp;
};

export type ReportDueTable = {
  task_id: number;
  app_seq: number;
  made_at: Timestamp;
  due_at: Timestamp;
  leased_until: Date | null;
  /** `YYYY-MM-DD`, UTC. */
  created_day: string;
  seq: number;
  tries: Generated<number>;
};

export type ReportTable = {
  created_day: string;
  task_id: number;
  seq: number;
  tries: number;
  app_seq: number;
  made_at: Date;
  tried_at: Date;
  took_ms: number;
  http_status: number | null;
  process_id: string;
  delivery_id: string;
  state: 'delivered' | 'dead';
  problem: string | null;
};

export type ReportTryTable = Omit<ReportTable, 'tries' | 'app_seq' | 'made_at' | 'state'>;

export type SecretTable = {
  purpose: string;
  value: Buffer;
  created_at: Timestamp;
};

export type RecallFlowTable = {
  flow_id: GeneratedAlways<number>;
  account_id: number;
  task_id: number;
  recall_type: 0 | 1;
  interval_min: number;
  recall_num: number;
  is_hidden: Generated<boolean>;
  status: Generated<0 | 1 | 2 | 3 | 4>;
  status_reason: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
};

export type RecallNodeTable = {
  node_id: GeneratedAlways<number>;
  flow_id: number;
  ordinal: number;
  status: Generated<0 | 1 | 2 | 3 | 4>;
  status_reason: string | null;
  /** `CallSettings` of `src/domain/task/settings.ts`; null: those of the last given node before it, else the parent's. */
  settings: ColumnType<unknown, string | null | undefined, string | null>;
  due_at: Date | null;
  task_id: number | null;
  updated_at: Timestamp;
};

export type TemplateTable = {
  template_id: GeneratedAlways<number>;
  account_id: number;
  name: string;
  text: string;
  lan: string;
  speaking_rate: number | null;
  ssml_gender: 1 | 2 | null;
  accent: string | null;
  display_num: string | null;
  delay_play_s: Generated<number>;
  delay_hangup_s: Generated<number>;
  max_ringing_s: Generated<number>;
  loop_count: Generated<number>;
  max_call_s: Generated<number>;
  created_at: Timestamp;
  updated_at: Timestamp;
};

/** Kept by `migrate.ts`. */
export type MigrationTable = {
  file_name: string;
  checksum: string;
  applied_at: Timestamp;
};
