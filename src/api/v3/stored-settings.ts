import type { Db } from '../../db/tables.ts';
import type { CallSettings } from '../../domain/task/settings.ts';
import type { DialectDeps } from './dialect-deps.ts';
import type { SentSettings } from './settings-fields.ts';
import { type DecodedUpload, decodeUpload, storeTaskUpload } from './voice-upload.ts';

type Prepared = { readonly settings: CallSettings; readonly upload: DecodedUpload | null };

/**
 * Stores the files that came with a request as voice files and hands the completed settings, in the same order, to `work`, in one transaction: a
 * request that is refused leaves no file behind. Without files there is no transaction of ours.
 */
export async function withStoredUploads<T>(
  deps: DialectDeps,
  accountId: number,
  sent: readonly SentSettings[],
  work: (db: Db, settings: readonly CallSettings[]) => Promise<T>,
): Promise<T> {
  if (sent.every(({ upload }) => upload === null)) {
    return work(
      deps.db,
      sent.map(({ settings }) => settings),
    );
  }
  const prepared: Prepared[] = [];
  // One after the other: decoding is heavy, and there are eleven at most.
  for (const { settings, upload } of sent) {
    prepared.push({ settings, upload: upload === null ? null : await decodeUpload(deps, upload) });
  }
  return deps.db.transaction().execute(async (transaction) => {
    const stored: CallSettings[] = [];
    for (const { settings, upload } of prepared) {
      if (upload === null) {
        stored.push(settings);
        continue;
      }
      const voiceFileId = await storeTaskUpload(transaction, accountId, upload);
      stored.push({ ...settings, content: { ...settings.content, voiceFileId } });
    }
    return work(transaction, stored);
  });
}
