/** Rates that accounts are given (docs/rates.md). */
export type RateTable = {
  readonly rateTableId: number;
  readonly name: string;
  /** The quote currency of all its rates, ISO 4217; it never changes. */
  readonly currency: string;
  /** US dollars for one unit of it, an exact decimal. */
  readonly quoteExchange: string;
  /** Rates that hold. */
  readonly rateCount: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export type NewRateTable = {
  readonly name: string;
  readonly currency: string;
  /** Left out only for US dollars, where it is 1. */
  readonly quoteExchange?: string;
};

export type RateTableChange = { readonly name?: string; readonly quoteExchange?: string };

/** What calls to the numbers with a prefix cost. */
export type Rate = {
  /** 1 to 18 digits. */
  readonly prefix: string;
  /** Area and operator in words. */
  readonly code: string;
  /** The bill period `firstS+stepS`, 1 to 3600 s each. */
  readonly firstS: number;
  readonly stepS: number;
  /** For a minute, in the table's currency; an exact decimal of at most six places. */
  readonly rate: string;
};
