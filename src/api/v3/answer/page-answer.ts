import type { Page } from '../../../domain/paging/page.ts';

/** A page of the domain as a page of the dialect (contract 1.4). */
export function answered<T, A>(page: Page<T>, answer: (record: T) => A): Page<A> {
  return { ...page, records: page.records.map(answer) };
}
