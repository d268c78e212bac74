import { availableParallelism, networkInterfaces } from 'node:os';
import { type Config, ConfigError, loadConfig } from '../config/load-config.ts';
import { createLogger, type Logger } from '../lib/logger.ts';

/** The settings and the root logger of a program. Bad settings are written to standard error, in plain words, and end the process with 1. */
export function readEnvironment(name: string, environment = process.env): { config: Config; logger: Logger } {
  try {
    const config = loadConfig(environment, { interfaces: networkInterfaces(), cores: availableParallelism() });
    return { config, logger: createLogger(name, config.logLevel) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`carillon: ${error.message}\n`);
    process.exit(1);
  }
}

/** The database's URL for a program that does not start one itself. Ends the process with 1 when it is not set. */
export function requireDatabaseUrl(config: Config): string {
  if (config.databaseUrl !== null) return config.databaseUrl;
  process.stderr.write('carillon: set DATABASE_URL; only `npm start` and `npm run demo` bring a PostgreSQL along\n');
  process.exit(1);
}
