import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db, Tables } from '../../db/tables.ts';
import { systemRandom } from '../../lib/random.ts';
import { errors } from '../error/registry.ts';
import { newestFirst } from '../paging/newest-first.ts';
import type { Page, PageRequest } from '../paging/page.ts';
import { newFileId } from './file-id.ts';

export type VoiceFile = {
  /** e.g. `120231121f48b5ec1b9fa4d88bb4ea47a75da6db3.mp3` */
  readonly fileId: string;
  readonly accountId: number;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly promptId: number;
  /** Whether it was brought to the usual loudness. */
  readonly isNormalized: boolean;
  /** Whether silence at its ends was cut off. */
  readonly isTrimmed: boolean;
  readonly durationMs: number;
  readonly createdAt: Date;
};

export type NewVoiceFile = Omit<VoiceFile, 'fileId' | 'durationMs' | 'createdAt'>;

/** Stores an upload whose audio is a prompt already and returns its file id. Throws `fileNameTaken`. */
export async function storeVoiceFile(db: Db, file: NewVoiceFile): Promise<string> {
  const row = await db
    .insertInto('voice_file')
    .values({
      file_id: newFileId(file.fileName, new Date(), systemRandom()),
      account_id: file.accountId,
      file_name: file.fileName,
      size_bytes: file.sizeBytes,
      prompt_id: file.promptId,
      is_normalized: file.isNormalized,
      is_trimmed: file.isTrimmed,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'file_name']).doNothing())
    .returning('file_id')
    .executeTakeFirst();
  if (!row) throw errors.fileNameTaken(file.fileName);
  return row.file_id;
}

/** null: the account has no such file. */
export async function findVoiceFile(db: Db, accountId: number, fileId: string): Promise<VoiceFile | null> {
  const file = selectFiles(db).where('account_id', '=', accountId).where('file_id', '=', fileId);
  return (await file.executeTakeFirst()) ?? null;
}

/** The id of the account's file of the same name and the same audio; null: there is none. */
export async function findSameVoiceFile(db: Db, file: NewVoiceFile): Promise<string | null> {
  const row = await db
    .selectFrom('voice_file')
    .select('file_id')
    .where('account_id', '=', file.accountId)
    .where('file_name', '=', file.fileName)
    .where('prompt_id', '=', file.promptId)
    .executeTakeFirst();
  return row?.file_id ?? null;
}

/** Newest first. */
export async function listVoiceFiles(db: Db, accountId: number, page: PageRequest): Promise<Page<VoiceFile>> {
  const listing = {
    matching: sql`from voice_file where account_id = ${accountId}`,
    madeAt: sql`created_at`,
    id: sql`file_id`,
  };
  return newestFirst(db, listing, page, (fileIds) =>
    selectFiles(db)
      .where('file_id', 'in', sql<string>`(${fileIds})`)
      .orderBy('voice_file.created_at', 'desc')
      .orderBy('file_id', 'desc')
      .execute(),
  );
}

/** Throws `unknownVoiceFile` naming those of `fileIds` that the account does not have. */
export async function requireVoiceFiles(db: Db, accountId: number, fileIds: readonly string[]): Promise<void> {
  if (fileIds.length === 0) return;
  const { rows } = await sql<{ fileId: string }>`
    select wanted as "fileId" from unnest(${[...new Set(fileIds)]}::text[]) as wanted
     where not exists (select from voice_file where file_id = wanted and account_id = ${accountId})`.execute(db);
  if (rows.length > 0) throw errors.unknownVoiceFile(rows.map((row) => row.fileId));
}

/** All or nothing: throws `unknownVoiceFile` naming those that do not exist. Tasks keep the prompt of a deleted file. */
export async function deleteVoiceFiles(db: Db, accountId: number, fileIds: readonly string[]): Promise<void> {
  // One statement, so that it is all or nothing also without a transaction around it: nothing is deleted unless all are there.
  const wanted = [...new Set(fileIds)];
  const { rows } = await sql<{ fileId: string }>`
    with found as (
      select file_id from voice_file where account_id = ${accountId} and file_id = any(${wanted}::text[])
       order by file_id for update)
    delete from voice_file
     where file_id in (select file_id from found) and (select count(*) from found) = ${wanted.length}
    returning file_id as "fileId"`.execute(db);
  if (rows.length < wanted.length) await requireVoiceFiles(db, accountId, wanted);
}

/** What a `VoiceFile` is read from, for a further `select` and `where`. */
export function selectFiles(db: Db): SelectQueryBuilder<Tables, 'voice_file' | 'prompt', VoiceFile> {
  return db
    .selectFrom('voice_file')
    .innerJoin('prompt', 'prompt.prompt_id', 'voice_file.prompt_id')
    .select([
      'file_id as fileId',
      'account_id as accountId',
      'file_name as fileName',
      'size_bytes as sizeBytes',
      'voice_file.prompt_id as promptId',
      'is_normalized as isNormalized',
      'is_trimmed as isTrimmed',
      'duration_ms as durationMs',
      'voice_file.created_at as createdAt',
    ]);
}
