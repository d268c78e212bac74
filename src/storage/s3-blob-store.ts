import { openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { AwsClient } from 'aws4fetch';
import { InfrastructureError, messageOf } from '../lib/errors.ts';
import { assertBlobName, type BlobStore } from './blob-store.ts';

/** A bucket of a server that speaks S3, and how it is spoken to. */
export type S3Settings = {
  /** Scheme, host and port. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** In front of every name, without a slash at its end; empty: none. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Whether the bucket stands in the path or in front of the host name. */
  readonly addressing: 'path' | 'host';
  /** How long an answer may take to begin, and an upload to end, ms. */
  readonly timeoutMs: number;
};

/**
 * Blobs as objects of an S3 bucket: four requests of its REST API, each signed with version 4 (the body unsigned, so that a file streams). A
 * recording is far below the 5 GB that one PUT takes, so nothing is sent in parts. Nothing is tried again here: who stores, retries.
 */
export function createS3BlobStore(settings: S3Settings): BlobStore {
  const { region, accessKeyId, secretAccessKey } = settings;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  const base = baseUrlOf(settings);

  async function request(name: string, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
    assertBlobName(name);
    const limit = AbortSignal.timeout(settings.timeoutMs);
    try {
      return await client.fetch(`${base}${name}`, {
        ...init,
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
    } catch (error) {
      signal?.throwIfAborted();
      const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
      throw new InfrastructureError(`S3 at ${settings.endpoint} cannot be reached: ${messageOf(error)}${cause}`, {
        retryable: true,
        cause: error,
      });
    }
  }

  /** Throws unless the answer is a success, or a 404 where that is allowed. Returns whether the object is there. */
  async function isThere(response: Response, what: string, mayBeMissing: boolean): Promise<boolean> {
    if (response.ok) return true;
    const words = wordsOf(await response.text().catch(() => ''));
    if (response.status === 404 && mayBeMissing && !words.startsWith('NoSuchBucket')) return false;
    throw new InfrastructureError(`S3 refused to ${what}: ${response.status} ${words}`.trim(), {
      retryable: response.status >= 500 || response.status === 429 || response.status === 408,
    });
  }

  return {
    kind: 's3',
    async put(name, file, signal) {
      const body = await openAsBlob(file, { type: 'audio/wav' });
      const response = await request(name, { method: 'PUT', body }, signal);
      await isThere(response, `store ${name}`, false);
    },
    async get(name, range, signal) {
      const headers = range === null ? {} : { range: `bytes=${range.first}-${range.last}` };
      const response = await request(name, { method: 'GET', headers }, signal);
      if (!(await isThere(response, `read ${name}`, true))) return null;
      // The two declarations of the same stream, of the web's and of Node's types, do not know each other.
      return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream);
    },
    async exists(name, signal) {
      return isThere(await request(name, { method: 'HEAD' }, signal), `look for ${name}`, true);
    },
    async delete(name, signal) {
      await isThere(await request(name, { method: 'DELETE' }, signal), `delete ${name}`, true);
    },
  };
}

/** Code and message of an error answer, which is XML; empty: it has none. */
function wordsOf(answer: string): string {
  const parts = ['Code', 'Message'].map((tag) => new RegExp(`<${tag}>([^<]{1,200})`).exec(answer)?.[1]);
  return parts.filter((part) => part !== undefined).join(': ');
}

function baseUrlOf({ endpoint, bucket, prefix, addressing }: S3Settings): string {
  const url = new URL(endpoint);
  if (addressing === 'host') url.hostname = `${bucket}.${url.hostname}`;
  const folders = [addressing === 'path' ? bucket : '', prefix].filter((part) => part !== '');
  return [url.origin, ...folders, ''].join('/');
}
