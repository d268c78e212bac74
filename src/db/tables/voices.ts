import type { Generated, GeneratedAlways } from 'kysely';
import type { Timestamp } from './column-types.ts';

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
