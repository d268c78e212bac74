import type { Readable } from 'node:stream';
import { assert } from '../lib/errors.ts';

/** Where a store keeps its blobs: in files of this machine, or with a server that speaks S3. */
export type StoreKind = 'file' | 's3';

/** A part of a blob: both ends inclusive, from 0, as HTTP counts them. */
export type ByteRange = { readonly first: number; readonly last: number };

/**
 * Keeps large values under names. A name is of letters, digits, `.`, `_` and `-`, in folders separated by `/`; no part of it begins with a dot. All methods
 * reject with an InfrastructureError when the store cannot be reached or refuses; an abort ends the wait, and what was under way may have happened.
 */
export interface BlobStore {
  readonly kind: StoreKind;
  /** Stores a copy of a file, whole or not at all; one of the same name is replaced. The file may be linked to instead, so it must not be written any more. */
  put(name: string, file: string, signal?: AbortSignal): Promise<void>;
  /** The bytes, or those of a range that lies within the blob; null: there is no such blob. The reader closes the stream. */
  get(name: string, range: ByteRange | null, signal?: AbortSignal): Promise<Readable | null>;
  exists(name: string, signal?: AbortSignal): Promise<boolean>;
  /** One that is not there is deleted already. */
  delete(name: string, signal?: AbortSignal): Promise<void>;
}

const namePattern = /^[0-9A-Za-z_-][0-9A-Za-z._-]*(\/[0-9A-Za-z_-][0-9A-Za-z._-]*)*$/;

/** Names come from our own keys, so one that leads out of the store is a bug. */
export function assertBlobName(name: string): void {
  assert(namePattern.test(name) && name.length <= 512, 'a blob name has only parts of letters, digits, dot, _ and -');
}
