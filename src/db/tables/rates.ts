import type { GeneratedAlways } from 'kysely';
import type { NumericWithDefault, Timestamp } from './column-types.ts';

export type RateTableTable = {
  rate_table_id: GeneratedAlways<number>;
  name: string;
  /** ISO 4217. */
  currency: string;
  quote_exchange: string;
  created_at: Timestamp;
  updated_at: Timestamp;
  retired_at: Date | null;
};

export type RateTable = {
  rate_id: GeneratedAlways<number>;
  rate_table_id: number;
  prefix: string;
  code: string;
  first_s: number;
  step_s: number;
  rate: string;
  quote_exchange: string;
  created_at: Timestamp;
  retired_at: Date | null;
};

export type AccountBalanceTable = {
  account_id: number;
  /** ISO 4217. */
  currency: string;
  balance: NumericWithDefault;
  gift: NumericWithDefault;
  credit: NumericWithDefault;
  reserved: NumericWithDefault;
  created_at: Timestamp;
  updated_at: Timestamp;
};

export type BalanceEntryTable = {
  entry_id: GeneratedAlways<number>;
  account_id: number;
  kind: 'top_up' | 'gift' | 'correction' | 'charge';
  amount: string;
  task_id: number | null;
  request_key: string | null;
  note: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
};
