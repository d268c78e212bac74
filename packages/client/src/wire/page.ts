/** An optional field of a request: null and absent mean the same (contract 15.4). */
export type Maybe<T> = T | null | undefined;

/** No and yes, as the dialect writes them. */
export type Flag = 0 | 1;

/** Which page (contract 1.4). */
export type PageRequest = {
  /** From 1; default 1. */
  readonly current?: Maybe<number>;
  /** 1 to 100; default 25. */
  readonly size?: Maybe<number>;
};

/** A page of a list (contract 1.4). */
export type Page<T> = {
  readonly total: number;
  readonly size: number;
  readonly current: number;
  readonly pages: number;
  readonly records: readonly T[];
};

/** A period, both ends included. */
export type Span = {
  /** `yyyy-MM-dd HH:mm:ss` in the account's zone, or ISO 8601 with an offset; record queries want the latter (contract 1.5). */
  readonly strTime: string;
  readonly endTime: string;
};
