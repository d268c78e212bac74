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

/** How a page is walked to: so many rows past and so many taken, from the listing's first row on (`forward`) or from its last one back. */
export type PageWalk = { readonly isForward: boolean; readonly skip: number; readonly take: number };

/** From the end that is nearer, so that the last page costs what the first one costs; null: the page is empty. */
export function walkTo(request: PageRequest, total: number): PageWalk | null {
  const skip = offsetOf(request);
  const take = Math.min(request.size, total - skip);
  if (take <= 0) return null;
  const behind = total - skip - take;
  return skip <= behind ? { isForward: true, skip, take } : { isForward: false, skip: behind, take };
}

/** How many records precede the page. */
export function offsetOf(request: PageRequest): number {
  return (request.current - 1) * request.size;
}
