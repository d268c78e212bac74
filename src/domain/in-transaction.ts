import type { Db } from '../db/tables.ts';

/** Runs `work` in the caller's transaction when `db` is one, else in one of its own. */
export async function inTransaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
