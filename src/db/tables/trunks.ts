import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { Json, JsonWithDefault, Timestamp } from './column-types.ts';

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
