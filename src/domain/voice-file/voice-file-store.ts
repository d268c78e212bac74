import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Page, PageRequest } from '../paging/page.ts';

export type VoiceFile = {
  /** e.g. `120231121f48b5ec1b9fa4d88bb4ea47a75da6db3.mp3` */
  readonly fileId: string;
  readonly accountId: number;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly promptId: number;
  readonly createdAt: Date;
};

export type NewVoiceFile = Omit<VoiceFile, 'fileId' | 'createdAt'>;

/** Stores an upload whose audio is a prompt already and returns its file id. Throws `fileNameTaken`. */
export async function storeVoiceFile(db: Db, file: NewVoiceFile): Promise<string> {
  throw new BugError(`not written yet ${db} ${file}`);
}
/** null: the account has no such file. */
export async function findVoiceFile(db: Db, accountId: number, fileId: string): Promise<VoiceFile | null> {
  throw new BugError(`not written yet ${db} ${accountId} ${fileId}`);
}
/** Newest first. */
export async function listVoiceFiles(db: Db, accountId: number, page: PageRequest): Promise<Page<VoiceFile>> {
  throw new BugError(`not written yet ${db} ${accountId} ${page}`);
}
/** All or nothing: throws `unknownVoiceFile` naming those that do not exist. Tasks keep the prompt of a deleted file. */
export async function deleteVoiceFiles(db: Db, accountId: number, fileIds: readonly string[]): Promise<void> {
  throw new BugError(`not written yet ${db} ${accountId} ${fileIds}`);
}
