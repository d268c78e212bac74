/** Which page of a listing is asked for (contract 1.4). */
export type PageRequest = {
  /** From 1. */
  readonly current: number;
  /** 1 to 100. */
  readonly size: number;
};

/** One page of a listing (contract 1.4). */
export type Page<T> = PageRequest & {
  readonly total: number;
  readonly pages: number;
  readonly records: readonly T[];
};

/** Composes a page; without records there are 0 pages. */
export function pageOf<T>(request: PageRequest, total: number, records: readonly T[]): Page<T> {
  return { total, size: request.size, current: request.current, pages: Math.ceil(total / request.size), records };
}

/** How many records precede the page. */
export function offsetOf(request: PageRequest): number {
  return (request.current - 1) * request.size;
}
