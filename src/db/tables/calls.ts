import type { Generated, GeneratedAlways } from 'kysely';
import type { Json, Timestamp } from './column-types.ts';

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
