import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { Json, JsonWithDefault, Timestamp } from './column-types.ts';

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
  earlier_rate_id: number | null;
  earlier_charged_s: number | null;
  earlier_cost: string | null;
  earlier_base_cost: string | null;
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
