import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { ensurePartitionsAhead, migrate } from '../../src/db/migrate.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { startTestServer, testDatabaseVariable } from './test-server.ts';

/** A migrated database of one's own. `close` drops it. */
export type TestDatabase = Database;

/**
 * Opens a fresh copy of the migrated template database: in the server that `CARILLON_TEST_DATABASE_URL` names, which the test runner starts,
 * or else in one that is started for this test file.
 */
export async function openTestDatabase(): Promise<TestDatabase> {
  const serverUrl = await serverUrlOfThisProcess();
  const template = await ensureTemplate(serverUrl);
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(serverUrl, (client) => client.query(`create database ${name} template ${template}`));
  const database = openDatabase({
    url: withDatabase(serverUrl, name),
    maxConnections: 8,
    applicationName: 'carillon test',
    logger: silentLogger(),
  });
  await ensurePartitionsAhead(database.db);
  const closeAndDrop = async (): Promise<void> => {
    await database.close();
    await onServer(serverUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
  };
  let closing: Promise<void> | null = null;
  return {
    ...database,
    close: () => {
      closing ??= closeAndDrop();
      return closing;
    },
  };
}

let ownServer: Promise<string> | null = null;

/** One server a process, not one a call: the reason for the only module-level state there is. */
function serverUrlOfThisProcess(): Promise<string> {
  const given = process.env[testDatabaseVariable];
  if (given !== undefined && given !== '') return Promise.resolve(given);
  ownServer ??= startTestServer();
  return ownServer;
}

/** The name holds the migrations' hash, so that a server that outlives a change of them is no trap. */
async function ensureTemplate(serverUrl: string): Promise<string> {
  const name = `carillon_template_${await migrationsHash()}`;
  await onServer(serverUrl, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('carillon test template'))`);
    const found = await client.query('select datistemplate from pg_database where datname = $1', [name]);
    if (found.rows[0]?.datistemplate === true) return;
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
    await migrate({ url: withDatabase(serverUrl, name), logger: silentLogger() });
    await client.query(`alter database ${name} is_template true`);
  });
  return name;
}

async function migrationsHash(): Promise<string> {
  const directory = fileURLToPath(new URL('../../migrations/', import.meta.url));
  const hash = createHash('sha256');
  for (const fileName of (await readdir(directory)).sort()) hash.update(await readFile(directory + fileName));
  return hash.digest('hex').slice(0, 12);
}

async function onServer<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: withDatabase(serverUrl, 'postgres') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
