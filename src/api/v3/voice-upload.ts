import { createHash } from 'node:crypto';
import type { Db } from '../../db/tables.ts';
import { errors } from '../../domain/error/registry.ts';
import { findPromptByKey, storePrompt } from '../../domain/prompt/prompt-store.ts';
import { storeVoiceFile } from '../../domain/voice-file/voice-file-store.ts';
import { messageOf } from '../../lib/errors.ts';
import type { DecodedAudio, DialectDeps } from './dialect-deps.ts';
import { rules } from './rule.ts';
import type { UploadedFile } from './upload-fields.ts';

/** An upload whose audio is known to be usable. */
export type DecodedUpload = {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly cacheKey: string;
  /** null: the same bytes were uploaded before and their prompt is there. */
  readonly audio: DecodedAudio | null;
};

/** Decodes an upload, unless the same bytes are stored already. Throws `badAudio` (-21). */
export async function decodeUpload(
  deps: Pick<DialectDeps, 'db' | 'decoder'>,
  upload: UploadedFile,
): Promise<DecodedUpload> {
  const { fileName, bytes } = upload;
  const cacheKey = `upload:${createHash('sha256').update(bytes).digest('hex')}`;
  const known = await findPromptByKey(deps.db, cacheKey);
  const audio = known === null ? await decode(deps, upload) : null;
  return { fileName, sizeBytes: bytes.length, cacheKey, audio };
}

/** Stores an upload as a voice file; returns its file id. Throws `fileNameTaken`. */
export async function storeUpload(db: Db, accountId: number, upload: DecodedUpload): Promise<string> {
  const { fileName, sizeBytes, cacheKey, audio } = upload;
  const promptId = audio === null ? await findPromptByKey(db, cacheKey) : await storePrompt(db, { cacheKey, ...audio });
  // The sweep of unused prompts took it between the decoding and now: rare, and the same request works the next time.
  if (promptId === null) throw new Error('the prompt of an upload vanished while it was stored');
  return storeVoiceFile(db, { accountId, fileName, sizeBytes, promptId });
}

async function decode(deps: Pick<DialectDeps, 'decoder'>, upload: UploadedFile): Promise<DecodedAudio> {
  let audio: DecodedAudio;
  try {
    audio = await deps.decoder.decode(upload.bytes);
  } catch (error) {
    throw errors.badAudio(upload.field, messageOf(error));
  }
  if (audio.pcm.length === 0) throw errors.badAudio(upload.field, rules.noSound);
  return audio;
}
