import { createHash } from 'node:crypto';
import type { Db } from '../../db/tables.ts';
import { errors } from '../../domain/error/registry.ts';
import { RequestError } from '../../domain/error/request-error.ts';
import { findPromptByKey, storePrompt } from '../../domain/prompt/prompt-store.ts';
import { findSameVoiceFile, type NewVoiceFile, storeVoiceFile } from '../../domain/voice-file/voice-file-store.ts';
import { AudioError, type AudioErrorReason } from '../../telephony/audio/audio-error.ts';
import type { Finish, FinishedAudio } from '../../telephony/audio/finish-audio.ts';
import type { DialectDeps } from './dialect-deps.ts';
import { text } from './rule.ts';
import type { UploadedFile } from './upload-fields.ts';

/** An upload whose audio is known to be usable. */
export type DecodedUpload = {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly cacheKey: string;
  readonly finish: Finish;
  /** null: the same bytes were uploaded before, with the same finish, and their prompt is there. */
  readonly audio: FinishedAudio | null;
};

/** Decodes an upload, unless the same bytes are stored already. Throws `badAudio` (-21). */
export async function decodeUpload(
  deps: Pick<DialectDeps, 'db' | 'decoder'>,
  upload: UploadedFile,
): Promise<DecodedUpload> {
  const { fileName, bytes, finish } = upload;
  const cacheKey = uploadKey(bytes, finish);
  const known = await findPromptByKey(deps.db, cacheKey);
  const audio = known === null ? await decode(deps, upload) : null;
  return { fileName, sizeBytes: bytes.length, cacheKey, finish, audio };
}

/** Stores an upload as a voice file; returns its file id. Throws `fileNameTaken`. */
export async function storeUpload(db: Db, accountId: number, upload: DecodedUpload): Promise<string> {
  return storeVoiceFile(db, await voiceFileOf(db, accountId, upload));
}

/**
 * The same for a file inside a request for a task: clients send theirs under one name with every task, so a file that is there under this name with
 * the same content is that file. Throws `fileNameTaken` when the content is another.
 */
export async function storeTaskUpload(db: Db, accountId: number, upload: DecodedUpload): Promise<string> {
  const file = await voiceFileOf(db, accountId, upload);
  const found = await findSameVoiceFile(db, file);
  if (found !== null) return found;
  try {
    return await storeVoiceFile(db, file);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // Another request may have stored it meanwhile.
    const stored = await findSameVoiceFile(db, file);
    if (stored === null) throw error;
    return stored;
  }
}

async function voiceFileOf(db: Db, accountId: number, upload: DecodedUpload): Promise<NewVoiceFile> {
  const { fileName, sizeBytes, cacheKey, finish, audio } = upload;
  const promptId =
    audio === null
      ? await findPromptByKey(db, cacheKey)
      : await storePrompt(db, { cacheKey, pcm: audio.pcm, sampleRate: audio.sampleRate, sound: audio });
  // The sweep of unused prompts took it between the decoding and now: rare, and the same request works the next time.
  if (promptId === null) throw new Error('the prompt of an upload vanished while it was stored');
  const { normalizeLoudness: isNormalized, trimSilence: isTrimmed } = finish;
  return { accountId, fileName, sizeBytes, promptId, isNormalized, isTrimmed };
}

/** Bytes and finish make the prompt; so does the way in which it is made, which the number stands for. */
function uploadKey(bytes: Buffer, { normalizeLoudness, trimSilence }: Finish): string {
  const finish = `${normalizeLoudness ? 'n' : ''}${trimSilence ? 't' : ''}`;
  return `upload:2:${finish}:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function decode(deps: Pick<DialectDeps, 'decoder'>, upload: UploadedFile): Promise<FinishedAudio> {
  try {
    return await deps.decoder.decode({ name: upload.fileName, bytes: upload.bytes, ...upload.finish });
  } catch (error) {
    if (!(error instanceof AudioError)) throw error;
    const format = error.format === null ? '' : `（按内容识别为 ${error.format}）`;
    throw errors.badAudio(upload.field, text(error.message, `${reasons[error.reason]}${format}`));
  }
}

const reasons: Readonly<Record<AudioErrorReason, string>> = {
  empty: '文件内容为空',
  'unsupported-format': '不支持该格式，请上传 wav、mp3、m4a、aac、ogg 或 flac',
  'not-decodable': '无法解码，不是音频或已损坏',
  'no-samples': '其中没有声音',
  silent: '全程静音，没有高于 -60 dBFS 的声音',
  'too-long': '时长超过 10 分钟',
};
