/** An account's money, as decimal text (contract 12.1). */
export type Balance = {
  readonly balance: string;
  readonly gift: string;
  readonly credit: string;
  /** Carillon's own, null elsewhere and where the account is postpaid: held for calls in progress. */
  readonly reserved: string | null;
  /** Carillon's own: what calls may still cost. */
  readonly available: string | null;
  /** Carillon's own. */
  readonly currency: string | null;
};
