import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';

const secretBytes = 32;

/** The installation's secret for a purpose, the same for all processes; made when it is first asked for. */
export async function secretFor(db: Db, purpose: string): Promise<Buffer> {
  // Two statements: what another process made a moment ago, the first one's snapshot would not show.
  await sql`insert into secret (purpose, value) values (${purpose}, ${randomBytes(secretBytes)}) on conflict do nothing`.execute(
    db,
  );
  const row = await db.selectFrom('secret').select('value').where('purpose', '=', purpose).executeTakeFirstOrThrow();
  return row.value;
}
