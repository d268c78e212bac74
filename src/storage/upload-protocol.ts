/** What the uploader asks of its thread: to store a file under a name. */
export type UploadRequest = { readonly id: number; readonly name: string; readonly file: string };

/** What came of it; `problem` null: it is stored. */
export type UploadReply = {
  readonly id: number;
  readonly problem: { readonly message: string; readonly retryable: boolean } | null;
};
