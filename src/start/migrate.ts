import { migrate } from '../db/migrate.ts';
import { messageOf } from '../lib/errors.ts';
import { readEnvironment, requireDatabaseUrl } from './environment.ts';

/** `npm run migrate`: brings the database of `DATABASE_URL` up to date. `npm start` does so by itself. */
const { config, logger } = readEnvironment('migrate');
try {
  const applied = await migrate({ url: requireDatabaseUrl(config), logger });
  logger.info(
    { applied: applied.length },
    applied.length === 0 ? 'the database is up to date' : 'the database was brought up to date',
  );
} catch (error) {
  logger.fatal({ err: error }, 'migration failed');
  process.stderr.write(`carillon: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
