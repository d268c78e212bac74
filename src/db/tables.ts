import type { Kysely, Transaction } from 'kysely';
import type { AccountTable, AppTable, SecretTable } from './tables/accounts.ts';
import type {
  CallCountingTable,
  CallCountTable,
  CallTable,
  CallTraceTable,
  RecordingTable,
  TraceRuleTable,
} from './tables/calls.ts';
import type { MigrationTable } from './tables/migrations.ts';
import type { ProcessTable } from './tables/processes.ts';
import type { AccountBalanceTable, BalanceEntryTable, RateTable, RateTableTable } from './tables/rates.ts';
import type { ReportDueTable, ReportTable, ReportTryTable } from './tables/reports.ts';
import type { SmsChannelTable, SmsMessageTable, SmsReceiptDueTable } from './tables/sms.ts';
import type { CalleeTable, RecallFlowTable, RecallNodeTable, TaskTable } from './tables/tasks.ts';
import type { TrunkHealthTable, TrunkTable, TrunkTestReportTable, TrunkTestTable } from './tables/trunks.ts';
import type { PromptTable, TemplateTable, VoiceFileTable } from './tables/voices.ts';

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
