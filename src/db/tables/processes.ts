import type { Generated } from 'kysely';
import type { JsonWithDefault, Timestamp } from './column-types.ts';

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
