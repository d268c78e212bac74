import { sql } from 'kysely';
import type { Db } from '../../src/db/tables.ts';

/** Lets a task, with all that belongs to it, have been made so many days ago; its last change so many. */
export async function ageTask(
  db: Db,
  taskId: number,
  madeDaysAgo: number,
  changedDaysAgo = madeDaysAgo,
): Promise<string> {
  const { rows } = await sql<{ day: string }>`
    select (now() at time zone 'utc')::date - ${madeDaysAgo}::int as day`.execute(db);
  const day = rows[0]?.day ?? '';
  await sql`select ensure_call_partitions(${day}::date, ${day}::date)`.execute(db);
  for (const table of ['callee', 'call']) {
    await sql`update ${sql.table(table)} set created_day = ${day}::date where task_id = ${taskId}`.execute(db);
  }
  await sql`update call set claimed_at = claimed_at - make_interval(days => ${changedDaysAgo}) where task_id = ${taskId}`.execute(
    db,
  );
  await sql`
    update task set created_day = ${day}::date, created_at = created_at - make_interval(days => ${madeDaysAgo}),
                    updated_at = updated_at - make_interval(days => ${changedDaysAgo})
     where task_id = ${taskId}`.execute(db);
  return day;
}

/** The day partitions that there are, without those of the days around today. */
export async function oldPartitions(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relkind = 'r' and relname ~ '_[0-9]{8}$' and relnamespace = current_schema()::regnamespace
       and to_date(right(relname, 8), 'YYYYMMDD') < current_date - 10 order by 1`.execute(db);
  return rows.map(({ name }) => name);
}
