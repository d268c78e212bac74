import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../lib/logger.ts';
import { boundedPool } from './bounded-pool.ts';
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
  /** How long a statement may take; default 60 s. A server that is silent for a quarter more is given up (see {@link boundedPool}). */
  readonly statementLimitMs?: number;
  /**
   * Whether statements that are parsed once are planned each time all the same: for a process that writes into tables that are empty at first. Default: a plan is kept
   * after five of the same cost.
   */
  readonly plansEachTime?: boolean;
  /** When the server ends a transaction that its process forgot, or in which it froze; default 60 s. */
  readonly idleInTransactionMs?: number;
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
 * Opens a pool; no connection is made until the first query, which rejects when the server cannot be reached in 5 s. A statement may wait for a
 * lock for a quarter of its time.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { logger, statementLimitMs = 60_000, idleInTransactionMs = 60_000 } = options;
  const config = connectionConfig(options.url, options.applicationName);
  const pool = new pg.Pool({
    ...config,
    ...(options.plansEachTime && { options: '-c plan_cache_mode=force_custom_plan' }),
    max: options.maxConnections,
    idleTimeoutMillis: 30_000,
    // With it go what the server keeps for it: plans of statements that are of one day, and of partitions that are gone.
    maxLifetimeSeconds: 3600,
    statement_timeout: statementLimitMs,
    lock_timeout: statementLimitMs / 4,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  });
  // On the client too, not only on the pool: one that breaks while it is checked out between two queries would end the process.
  pool.on('connect', (client) => {
    client.on('error', (error) => logger.warn({ err: error }, 'database connection broke'));
  });
  pool.on('error', (error) => logger.debug({ err: error }, 'idle database connection removed'));
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: boundedPool(pool, 1.25 * statementLimitMs), cursor: CopyCursor }),
  });
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
    keepAliveInitialDelayMillis: 10_000,
    types: valueTypes(),
  };
}
