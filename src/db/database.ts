import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../lib/logger.ts';
import { CopyCursor } from './copy-in.ts';
import { Listener, type NotificationHandler } from './listener.ts';
import type { Db, Tables } from './tables.ts';
import { valueTypes } from './value-types.ts';

export type DatabaseOptions = {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly maxConnections: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly logger: Logger;
};

/** A process's access to PostgreSQL. Owned by the composition root, which closes it last. */
export interface Database {
  readonly db: Db;
  /** The same pool that `db` uses, for COPY and for pg-boss. */
  readonly pool: pg.Pool;
  readonly url: string;
  /** LISTEN on a connection of its own that survives restarts of the server; see {@link NotificationHandler}. Resolves to what stops it. */
  listen(channel: string, handler: NotificationHandler): Promise<() => Promise<void>>;
  /** Waits for connections in use to be given back, then closes all. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a pool; no connection is made until the first query, which rejects when the server cannot be reached in 5 s. A statement may take
 * 60 s and wait 15 s for a lock; a transaction that its process forgot ends after 60 s.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { logger } = options;
  const config = connectionConfig(options.url, options.applicationName);
  const pool = new pg.Pool({
    ...config,
    max: options.maxConnections,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    lock_timeout: 15_000,
    idle_in_transaction_session_timeout: 60_000,
    // For a server that no longer answers at all (its machine is gone): above the server's own limit.
    query_timeout: 75_000,
  });
  // On the client too, not only on the pool: one that breaks while it is checked out between two queries would end the process.
  pool.on('connect', (client) => {
    client.on('error', (error) => logger.warn({ err: error }, 'database connection broke'));
  });
  pool.on('error', (error) => logger.debug({ err: error }, 'idle database connection removed'));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, cursor: CopyCursor }) });
  const listener = new Listener(config, logger);
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await listener.close();
    await db.destroy();
  };
  return {
    db,
    pool,
    url: options.url,
    listen: (channel, handler) => listener.listen(channel, handler),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** What every connection has in common. */
export function connectionConfig(url: string, applicationName: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    types: valueTypes(),
  };
}
