import type { Connection } from './connection.ts';
import { base64Of } from './file-content.ts';
import type { CallOptions } from './transport.ts';
import type { Page, PageRequest } from './wire/page.ts';
import type { FileUpload, RecordingUrl, VoiceFile } from './wire/voice-file.ts';

/** Voice files and recordings (contract section 3). */
export class VoiceFiles {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** fileUpload: stores an audio file and returns its id. */
  async upload(upload: FileUpload, options?: CallOptions): Promise<string> {
    const file = await base64Of(upload.file, options?.signal);
    return this.#connection.change('/voice/fileUpload', { ...upload, file }, options);
  }

  /** fileQuery: a page of files. */
  query(request: PageRequest = {}, options?: CallOptions): Promise<Page<VoiceFile>> {
    return this.#connection.page('/voice/fileQuery', request, options);
  }

  /** fileQuery over all pages. */
  each(options?: CallOptions): AsyncGenerator<VoiceFile, void, undefined> {
    return this.#connection.each('/voice/fileQuery', undefined, options);
  }

  /** fileDel: all of them or none. */
  async delete(fileIds: readonly string[], options?: CallOptions): Promise<void> {
    await this.#connection.change('/voice/fileDel', { fileIdList: fileIds }, options);
  }

  /** getRecordingFileUrl: a link to a call's recording that works for a while, without authentication. */
  async recordingUrl(recordingFileId: string, options?: CallOptions): Promise<RecordingUrl> {
    const path = `/voice/getRecordingFileUrl?recordingFileId=${encodeURIComponent(recordingFileId)}`;
    return (await this.#connection.get(path, options)).data as RecordingUrl;
  }
}
