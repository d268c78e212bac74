import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InfrastructureError, messageOf } from '../lib/errors.ts';
import { assertBlobName, type BlobStore } from './blob-store.ts';

/**
 * Blobs as files below `folder`, which is made when it is needed. A blob appears by a rename, so it is there whole or not at all; a file of the same disk is
 * linked to, which costs the same however long it is.
 */
export function createFileBlobStore(folder: string): BlobStore {
  const pathOf = (name: string): string => {
    assertBlobName(name);
    return join(folder, name);
  };
  return {
    kind: 'file',
    async put(name, file) {
      const path = pathOf(name);
      const temporary = `${path}.${randomUUID()}`;
      await orFault(`store ${name}`, async () => {
        await mkdir(dirname(path), { recursive: true });
        try {
          await linkOrCopy(file, temporary);
          await rename(temporary, path);
        } finally {
          // Also after the rename, which does nothing where both are links to the same file.
          await rm(temporary, { force: true });
        }
      });
    },
    async get(name, range) {
      const path = pathOf(name);
      return orFault(`read ${name}`, async () => {
        const handle = await unlessMissing(() => open(path, 'r'));
        return handle?.createReadStream(range === null ? {} : { start: range.first, end: range.last }) ?? null;
      });
    },
    async exists(name) {
      const path = pathOf(name);
      return orFault(`look for ${name}`, async () => (await unlessMissing(() => stat(path))) !== null);
    },
    async delete(name) {
      const path = pathOf(name);
      await orFault(`delete ${name}`, () => rm(path, { force: true }));
    },
  };
}

async function linkOrCopy(file: string, path: string): Promise<void> {
  try {
    await link(file, path);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOSYS', 'ENOTSUP'].includes(codeOf(error))) throw error;
    await copyFile(file, path, constants.COPYFILE_FICLONE);
  }
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

async function orFault<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new InfrastructureError(`could not ${what}: ${messageOf(error)}`, { retryable: true, cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
