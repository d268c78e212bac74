import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { type Page, type PageRequest, pageOf, walkTo } from './page.ts';

/** Rows of which the newest come first. All are names or parts of one statement's `from`. */
export type Listing = {
  /** `from ... where ...` */
  readonly matching: RawBuilder<unknown>;
  readonly madeAt: RawBuilder<unknown>;
  /** The rows' key, which also tells apart what was made at the same time. */
  readonly id: RawBuilder<unknown>;
};

/**
 * A page of a listing. To be cheap however deep it is, counting and walking ask for no more than what an index over time and key has; `read` then finds the rows of the page, newest
 * first, by a statement that gives their keys.
 */
export async function newestFirst<T>(
  db: Db,
  { matching, madeAt, id }: Listing,
  page: PageRequest,
  read: (ids: RawBuilder<unknown>) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const counted = await sql<{ total: number }>`select count(*) as total ${matching}`.execute(db);
  const total = counted.rows[0]?.total ?? 0;
  const walk = walkTo(page, total);
  if (walk === null) return pageOf(page, total, []);
  const way = walk.isForward ? sql`desc` : sql`asc`;
  const ids = sql`
    select ${id} ${matching} order by ${madeAt} ${way}, ${id} ${way} limit ${walk.take} offset ${walk.skip}`;
  return pageOf(page, total, await read(ids));
}
