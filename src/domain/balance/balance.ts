/** What a prepaid account has; amounts are exact decimals in its currency (docs/rates.md). */
export type Balance = {
  readonly accountId: number;
  /** ISO 4217. */
  readonly currency: string;
  /** Paid and not spent; below zero as far as the credit goes. */
  readonly balance: string;
  /** Given and not spent; it is spent first. */
  readonly gift: string;
  /** How far the balance may go below zero. */
  readonly credit: string;
  /** Held for calls that have not ended. */
  readonly reserved: string;
  /** What new calls may be made from: balance + gift + credit - reserved. */
  readonly available: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** What an operator may put down: money that was paid or given, or a correction of either sign of the balance. */
export type EntryKind = 'topUp' | 'gift' | 'correction';

export type NewBalanceEntry = {
  readonly kind: EntryKind;
  /** Exact decimal; below zero for a correction only. */
  readonly amount: string;
  readonly note: string | null;
  /** Names the request: repeated with the same key, it counts once. */
  readonly requestKey: string;
};

/** What came to or went from an account. A `charge` is what the calls of one task have cost so far. */
export type BalanceEntry = {
  readonly entryId: number;
  readonly kind: EntryKind | 'charge';
  readonly amount: string;
  /** Of a charge. */
  readonly taskId: number | null;
  readonly note: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
