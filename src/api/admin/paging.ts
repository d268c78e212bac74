import type { PageQuery } from './schema.ts';

/** One page of a list that is small enough to be read as a whole. */
export function pageOfList<T>(all: readonly T[], query: PageQuery) {
  const { page = 1, pageSize = 50 } = query;
  return { total: all.length, page, pageSize, items: all.slice((page - 1) * pageSize, page * pageSize) };
}
