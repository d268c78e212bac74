import type { Timestamp } from './column-types.ts';

/** Kept by `src/db/migrate.ts`. */
export type MigrationTable = {
  file_name: string;
  checksum: string;
  applied_at: Timestamp;
};
