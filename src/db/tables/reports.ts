import type { Generated } from 'kysely';
import type { Timestamp } from './column-types.ts';

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
