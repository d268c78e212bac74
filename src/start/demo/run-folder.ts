import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const ownerFile = 'demo-owner';

/**
 * Makes a fresh folder for this run below `base` and removes those of runs whose process is gone. Only folders that a demo has marked as its own are ever
 * removed.
 */
export async function openRunFolder(base: string, startedAt: Date): Promise<string> {
  const parent = resolve(base);
  await mkdir(parent, { recursive: true });
  for (const entry of await readdir(parent, { withFileTypes: true })) {
    if (entry.isDirectory() && (await isAbandoned(join(parent, entry.name)))) {
      await rm(join(parent, entry.name), { recursive: true, force: true });
    }
  }
  const folder = join(parent, `run-${startedAt.toISOString().slice(0, 19).replaceAll(':', '')}-${process.pid}`);
  await mkdir(folder);
  await writeFile(join(folder, ownerFile), String(process.pid));
  return folder;
}

async function isAbandoned(folder: string): Promise<boolean> {
  const owner = Number(await readFile(join(folder, ownerFile), 'utf8').catch(() => ''));
  if (!Number.isInteger(owner) || owner <= 0) return false;
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
