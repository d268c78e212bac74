import type { LedgerSummary } from './carrier-ledger.ts';

/** What the carrier's process tells the one that forked it. */
export type CarrierMessage =
  | { readonly type: 'ready'; readonly host: string; readonly port: number }
  /** It could not start; the process ends. */
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'summary'; readonly summary: LedgerSummary };
