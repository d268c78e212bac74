import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../lib/random.ts';

type TokenSource = { readonly adminToken: string | null; readonly dataDir: string };

/** The admin token: the setting, else the one kept in the data folder; null: there is none yet. */
export async function findAdminToken({ adminToken, dataDir }: TokenSource): Promise<string | null> {
  if (adminToken !== null) return adminToken;
  const kept = await readFile(join(dataDir, 'admin-token'), 'utf8').catch(() => '');
  return kept.trim() || null;
}

/** The same, but makes and keeps one when there is none. `isNew` tells whether it has to be shown. */
export async function ensureAdminToken(
  source: TokenSource,
  random: Random,
): Promise<{ token: string; isNew: boolean }> {
  const found = await findAdminToken(source);
  if (found !== null) return { token: found, isNew: false };
  const token = random.hex(24);
  await mkdir(source.dataDir, { recursive: true });
  await writeFile(join(source.dataDir, 'admin-token'), `${token}\n`, { mode: 0o600 });
  return { token, isNew: true };
}
