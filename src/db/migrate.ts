import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import pg from 'pg';
import { InfrastructureError, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { connectionConfig } from './database.ts';
import type { Db } from './tables.ts';

export type MigrateOptions = {
  readonly url: string;
  readonly logger: Logger;
  /** The folder of `NNNN_name.sql` files; default: this package's own. */
  readonly directory?: string;
};

type MigrationFile = { readonly fileName: string; readonly checksum: string; readonly text: string };

/**
 * Brings the database up to date: each file of the folder in the order of its name, once, in a transaction of its own, under an advisory
 * lock, so that processes that start together do not collide. Then makes the day partitions from yesterday to a week ahead.
 * Returns the names of the files applied now. Rejects with an InfrastructureError that says what to do.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const files = await readFiles(options.directory ?? packageDirectory());
  const client = new pg.Client(connectionConfig(options.url, 'carillon migrate'));
  client.on('error', (error) => options.logger.warn({ err: error }, 'migration connection broke'));
  await connect(client);
  try {
    await client.query(`select pg_advisory_lock(hashtext('carillon migrate'))`);
    await client.query(
      `create table if not exists migration (
         file_name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
    );
    const applied = await readApplied(client);
    const pending = pendingFiles(files, applied);
    for (const file of pending) {
      await apply(client, file);
      options.logger.info({ file: file.fileName }, 'migration applied');
    }
    await client.query(partitionsAhead);
    return pending.map((file) => file.fileName);
  } finally {
    await client.end();
  }
}

async function connect(client: pg.Client): Promise<void> {
  try {
    await client.connect();
  } catch (cause) {
    const { host, port, user, database } = client;
    const where = `${host}:${port} (user ${user}, database ${database})`;
    throw new InfrastructureError(`cannot connect to PostgreSQL at ${where}: ${refusalOf(cause)}; see DATABASE_URL`, {
      retryable: true,
      cause,
    });
  }
}

/** Where a name has several addresses, the error is a bundle without a message of its own. */
function refusalOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join(', ');
  return messageOf(cause);
}

/**
 * The files of the folder that this database does not have yet, by name; none: it is up to date. Changes nothing. Rejects when the database cannot be
 * asked, or has what this version does not know.
 */
export async function pendingMigrations(db: Db, directory?: string): Promise<string[]> {
  const files = await readFiles(directory ?? packageDirectory());
  const exists = await sql<{ found: boolean }>`select to_regclass('migration') is not null as found`.execute(db);
  if (exists.rows[0]?.found !== true) return files.map((file) => file.fileName);
  const rows = await db.selectFrom('migration').select(['file_name', 'checksum']).execute();
  const applied = new Map(rows.map((row) => [row.file_name, row.checksum]));
  return pendingFiles(files, applied).map((file) => file.fileName);
}

const partitionsAhead = `select ensure_call_partitions(((now() at time zone 'utc')::date - 1), ((now() at time zone 'utc')::date + 7))`;

/** Makes the day partitions of `callee`, `call` and all else that goes by the task's day, from yesterday to a week ahead (UTC). Run daily. Idempotent. */
export async function ensurePartitionsAhead(db: Db): Promise<void> {
  await sql.raw(partitionsAhead).execute(db);
}

/** Makes the same for all days of the range, both ends included, `YYYY-MM-DD`. Idempotent. */
export async function ensurePartitions(db: Db, fromDay: string, toDay: string): Promise<void> {
  await sql`select ensure_call_partitions(${fromDay}::date, ${toDay}::date)`.execute(db);
}

/** The same from `src/db` and, built, from `dist/db`. */
function packageDirectory(): string {
  return fileURLToPath(new URL('../../migrations', import.meta.url));
}

async function readFiles(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const read = async (fileName: string): Promise<MigrationFile> => {
    const text = await readFile(`${directory}/${fileName}`, 'utf8');
    // Not over line ends: a checkout may have changed them.
    const checksum = createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');
    return { fileName, checksum, text };
  };
  return Promise.all(names.map(read));
}

async function readApplied(client: pg.Client): Promise<Map<string, string>> {
  const result = await client.query<{ file_name: string; checksum: string }>(
    'select file_name, checksum from migration',
  );
  return new Map(result.rows.map((row) => [row.file_name, row.checksum]));
}

/** The files not applied yet. Throws when one that was applied has changed, is gone, or comes after one that is pending. */
function pendingFiles(files: readonly MigrationFile[], applied: ReadonlyMap<string, string>): MigrationFile[] {
  for (const fileName of applied.keys()) {
    if (files.some((file) => file.fileName === fileName)) continue;
    throw refusal(
      `this database has ${fileName} applied, which this version does not know: start the newer version that made it`,
    );
  }
  const pending: MigrationFile[] = [];
  for (const file of files) {
    const checksum = applied.get(file.fileName);
    if (checksum === undefined) pending.push(file);
    else if (checksum !== file.checksum) {
      throw refusal(
        `${file.fileName} was changed after it had been applied: restore the file as it was and put the change into a new migration file` +
          ' (a database without anything worth keeping can be dropped instead)',
      );
    } else if (pending.length > 0) {
      throw refusal(
        `${pending[0]?.fileName} sorts before ${file.fileName}, which is applied already: give it a higher number`,
      );
    }
  }
  return pending;
}

async function apply(client: pg.Client, file: MigrationFile): Promise<void> {
  try {
    await client.query('begin');
    await client.query(file.text);
    await client.query('insert into migration (file_name, checksum) values ($1, $2)', [file.fileName, file.checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new InfrastructureError(`migration ${file.fileName} failed, nothing of it was kept: ${messageOf(error)}`, {
      retryable: false,
      cause: error,
    });
  }
}

function refusal(message: string): InfrastructureError {
  return new InfrastructureError(message, { retryable: false });
}
