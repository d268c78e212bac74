import type { BlobStore, StoreKind } from './blob-store.ts';
import { createFileBlobStore } from './file-blob-store.ts';
import { createS3BlobStore, type S3Settings } from './s3-blob-store.ts';

/** Where blobs are kept. Plain data: it goes to other threads as it is. */
export type StoreSettings = {
  /** Of the file store; absolute. */
  readonly folder: string;
  /** null: new blobs go into files. */
  readonly s3: S3Settings | null;
};

/** The stores that there are: the one that new blobs go to, and whatever older ones may still lie in. */
export type BlobStores = {
  readonly current: BlobStore;
  /** null: it is not set up any more. */
  of(kind: StoreKind): BlobStore | null;
};

export function openBlobStores({ folder, s3 }: StoreSettings): BlobStores {
  const files = createFileBlobStore(folder);
  const objects = s3 === null ? null : createS3BlobStore(s3);
  return {
    current: objects ?? files,
    of: (kind) => (kind === 'file' ? files : objects),
  };
}
