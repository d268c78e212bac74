import type { Random } from '../../lib/random.ts';

/** An id like the dialect's (contract 3.1): `1`, the day (yyyymmdd, UTC), 32 hex digits and the file name's extension. */
export function newFileId(fileName: string, now: Date, random: Random): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(fileName)?.[0].toLowerCase() ?? '';
  return `1${day}${random.hex(16)}${extension}`;
}
