import type { Config } from '../config/load-config.ts';
import { openDatabase } from '../db/database.ts';
import { startEmbeddedServer } from '../db/embedded/server.ts';
import { migrate } from '../db/migrate.ts';
import type { Clock } from '../lib/clock.ts';
import { InfrastructureError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { ensureAdminToken } from './admin-token.ts';
import { ensureFirstAccount, type FirstAccount } from './first-run.ts';
import { type KeptServer, keepServerRunning } from './kept-server.ts';
import { SupervisedChild } from './supervised-child.ts';

export type PlatformOptions = {
  readonly config: Config;
  /** Passed on to the child processes, with `DATABASE_URL` of the embedded server added. */
  readonly environment: NodeJS.ProcessEnv;
  /** Where the child processes' logs go. */
  readonly output: 'inherit' | number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
};

/** What a platform that has come up says of itself. */
export type PlatformInfo = {
  readonly databaseUrl: string;
  /** `http://host:port`, reachable from this machine. */
  readonly apiUrl: string;
  /** `host:port` of the SIP socket. */
  readonly sipAddress: string;
  readonly adminToken: string;
  /** Whether the admin token was made by this start. */
  readonly isAdminTokenNew: boolean;
  /** The account made by this start; null: there were accounts. */
  readonly firstAccount: FirstAccount | null;
};

/** What a dialer may need beyond its calls' time: the hang-ups, and writing the last results. */
const dialerAfterDrainMs = 30_000;
const apiStopLimitMs = 30_000;

/** A whole installation on this machine: PostgreSQL, an api and a dialer process. */
export class Platform {
  readonly #options: PlatformOptions;
  #server: Promise<KeptServer> | null = null;
  #api: SupervisedChild | null = null;
  #dialer: SupervisedChild | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: PlatformOptions) {
    this.#options = options;
  }

  /**
   * Starts everything in order: PostgreSQL (unless `DATABASE_URL` names one), migrations, the first account, an api and a dialer process, which are
   * kept running from then on. Rejects when a part does not come up, or `stop` is called meanwhile; call `stop` then.
   */
  async start(): Promise<PlatformInfo> {
    const { config, logger, random } = this.#options;
    const databaseUrl = config.databaseUrl ?? (await this.#startServer());
    this.#assertWanted();
    await migrate({ url: databaseUrl, logger });
    const firstAccount = await withDatabase(databaseUrl, logger, ensureFirstAccount);
    const { token, isNew } = await ensureAdminToken(config, random);
    this.#assertWanted();
    this.#api = this.#child('api', databaseUrl, apiStopLimitMs);
    this.#dialer = this.#child('dialer', databaseUrl, config.drainS * 1000 + dialerAfterDrainMs);
    const [apiInfo, dialerInfo] = await Promise.all([this.#api.start(), this.#dialer.start()]);
    return {
      databaseUrl,
      apiUrl: textOf(apiInfo, 'apiUrl'),
      sipAddress: textOf(dialerInfo, 'sipAddress'),
      adminToken: token,
      isAdminTokenNew: isNew,
      firstAccount,
    };
  }

  /** Dialer first, which finishes its calls, then api, then PostgreSQL. May be called at any time. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  /** Kills the children and stops PostgreSQL fast. */
  async force(): Promise<void> {
    this.#dialer?.kill();
    this.#api?.kill();
    await this.stop();
  }

  async #stopInOrder(): Promise<void> {
    await this.#dialer?.stop();
    await this.#api?.stop();
    // One that failed to start has nothing to stop.
    const server = await this.#server?.catch(() => null);
    await server?.stop();
  }

  async #startServer(): Promise<string> {
    const { config, clock, random, logger } = this.#options;
    const start = () => startEmbeddedServer({ dataDir: config.dataDir, isDurable: true, logger, clock });
    this.#server = keepServerRunning({ start, clock, random, logger });
    return (await this.#server).url;
  }

  #child(name: string, databaseUrl: string, stopLimitMs: number): SupervisedChild {
    const { output, clock, logger } = this.#options;
    const environment = { ...this.#options.environment, DATABASE_URL: databaseUrl };
    return new SupervisedChild({ name, entry: siblingModule(name), environment, output, stopLimitMs, clock, logger });
  }

  #assertWanted(): void {
    if (this.#stopping !== null) throw new InfrastructureError('stopped while starting', { retryable: true });
  }
}

async function withDatabase<T>(
  url: string,
  logger: Logger,
  work: (db: ReturnType<typeof openDatabase>['db']) => Promise<T>,
): Promise<T> {
  const database = openDatabase({ url, maxConnections: 1, applicationName: 'carillon start', logger });
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
}

/** The same from source and, built, from `dist`. */
function siblingModule(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}

function textOf(info: unknown, key: string): string {
  if (typeof info !== 'object' || info === null) return '';
  return String(Object.entries(info).find(([name]) => name === key)?.[1] ?? '');
}
