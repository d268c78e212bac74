import type { FileContent } from '../file-content.ts';
import type { FinishOptions } from './settings.ts';

/** A file to be stored (contract 3.1). */
export type FileUpload = FinishOptions & {
  /** With its extension, 5 to 32 characters, none of the account's other files'. */
  readonly fileName: string;
  readonly file: FileContent;
};

/** A stored file (contract 3.2). */
export type VoiceFile = {
  readonly fileId: string;
  readonly fileName: string;
  /** Seconds; Carillon's own. */
  readonly duration?: number;
};

/** Where a recording is fetched from, without authentication (contract 3.4). */
export type RecordingUrl = {
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly expireTime: number;
};
