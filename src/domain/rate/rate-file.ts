import type { Rate } from './rate-table.ts';

/** A cell that cannot be used, or a row that is none. */
export type RateRowError = {
  /** The line of the file, from 1. */
  readonly row: number;
  /** null: the row as a whole. */
  readonly column: RateColumn | null;
  readonly value: string;
  readonly rule: string;
};

export type ReadRates = {
  /** The good rows. */
  readonly rates: readonly Rate[];
  readonly errorCount: number;
  /** The first ones. */
  readonly errors: readonly RateRowError[];
};

export const rateColumns = ['prefix', 'code', 'billPeriod', 'rate'] as const;
export type RateColumn = (typeof rateColumns)[number];

/** Rates in one file at most. */
export const mostRates = 500_000;
