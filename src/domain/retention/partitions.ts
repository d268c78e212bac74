import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';

/**
 * How a day's partitions go. DETACH CONCURRENTLY locks the parent as little as VACUUM does: claims, flushes and queries go on, while it waits for those that
 * began before it. It is two transactions, so a process that dies in between leaves a partition half detached: nobody sees it any more, and the next run finishes it.
 * A partition that is detached but not dropped is found by its name.
 */

type Partition = { readonly parent: string; readonly name: string };

/** The days that have partitions and are more than so many days old (UTC), oldest first, `YYYY-MM-DD`. */
export async function partitionedDays(db: Db, olderThanDays: number): Promise<string[]> {
  const { rows } = await sql<{ day: string }>`
    select distinct to_date(right(part.relname, 8), 'YYYYMMDD') as day from ${parents}
      join pg_inherits i on i.inhparent = parent.oid join pg_class part on part.oid = i.inhrelid
     where ${isOlderThan(olderThanDays)}
     order by day`.execute(db);
  return rows.map(({ day }) => day);
}

/**
 * Detaches and drops all partitions of a day, and its reports that could still not be delivered, of an app that is paused, say. These go first: what
 * comes of one that is on its way could not be written once its ledger is gone, and a run that is cut short after that does not come back to the day.
 */
export async function dropDay(db: Db, day: string): Promise<void> {
  await db.deleteFrom('report_due').where('created_day', '=', day).execute();
  const { rows } = await sql<Partition>`
    select parent.relname as parent, part.relname as name from ${parents}
      join pg_inherits i on i.inhparent = parent.oid join pg_class part on part.oid = i.inhrelid
     where right(part.relname, 8) = to_char(${day}::date, 'YYYYMMDD')
     order by parent.relname`.execute(db);
  for (const { parent, name } of rows) {
    await sql`alter table ${sql.table(parent)} detach partition ${sql.table(name)} concurrently`.execute(db);
    await dropTable(db, name);
  }
}

/** Deletes what was counted of days more than so many days old whose calls are gone. */
export async function forgetCounts(db: Db, olderThanDays: number): Promise<void> {
  await sql`
    delete from call_count
     where created_day < (now() at time zone 'utc')::date - ${olderThanDays}::int
       and to_regclass('call_' || to_char(created_day, 'YYYYMMDD')) is null`.execute(db);
}

/** Finishes what a run that was cut short has begun. */
export async function finishDetaching(db: Db): Promise<void> {
  const { rows } = await sql<Partition>`
    select parent.relname as parent, part.relname as name from ${parents}
      join pg_inherits i on i.inhparent = parent.oid join pg_class part on part.oid = i.inhrelid
     where i.inhdetachpending`.execute(db);
  for (const { parent, name } of rows) {
    await sql`alter table ${sql.table(parent)} detach partition ${sql.table(name)} finalize`.execute(db);
  }
}

/** Drops what was detached and is more than so many days old. */
export async function dropDetached(db: Db, olderThanDays: number): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select part.relname as name from ${parents}
      join pg_class part on part.relnamespace = parent.relnamespace and part.relkind = 'r' and not part.relispartition
       and part.relname ~ ('^' || parent.relname || '_[0-9]{8}$') and ${isOlderThan(olderThanDays)}`.execute(db);
  for (const { name } of rows) await dropTable(db, name);
}

async function dropTable(db: Db, name: string): Promise<void> {
  await sql`drop table if exists ${sql.table(name)}`.execute(db);
}

/** By the day in its name, which every partition ends in. */
function isOlderThan(days: number): RawBuilder<unknown> {
  return sql`right(part.relname, 8) < to_char((now() at time zone 'utc')::date - ${days}::int, 'YYYYMMDD')`;
}

/** The tables that go by the task's day. */
const parents = sql`
  (select c.oid, c.relname, c.relnamespace from pg_partitioned_table p join pg_class c on c.oid = p.partrelid
    where c.relnamespace = current_schema()::regnamespace) parent`;
