import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Db } from '../db/tables.ts';
import { RequestError } from '../domain/error/request-error.ts';
import type { StoredRecording } from '../domain/recording/recording.ts';
import { getStoredRecording } from '../domain/recording/recording-store.ts';
import type { BlobStores } from '../storage/blob-stores.ts';
import { readByteRange } from './byte-range.ts';
import type { RecordingLinks } from './recording-links.ts';
import { isObject } from './v3/field.ts';

export type RecordingFilesDeps = {
  readonly db: Db;
  readonly stores: BlobStores;
  readonly links: RecordingLinks;
};

/** Wrong links that one address may follow in a minute before it is told to wait. */
const failuresAMinute = 60;

const refusals = {
  forged:
    'This link does not hold: it is incomplete, or its signature is wrong. Ask getRecordingFileUrl for a new one.',
  expired: 'This link has expired. Ask getRecordingFileUrl for a new one.',
} as const;

/**
 * `/recordings/{recordingFileId}`: the recording that a signed link leads to, whole or a range of it, for whoever has the link. What was said there is nobody
 * else's business, so nobody on the way keeps it.
 */
export function mountRecordingFiles(parent: FastifyInstance, deps: RecordingFilesDeps): void {
  parent.register((instance, _options, done) => {
    instance.register(rateLimit, { global: false });
    // Registered after it, so that what it adds is there.
    instance.register((limited, _limitedOptions, limitedDone) => {
      mountFile(limited, deps);
      limitedDone();
    });
    done();
  });
}

function mountFile(instance: FastifyInstance, { db, stores, links }: RecordingFilesDeps): void {
  const countFailure = instance.createRateLimit({ max: failuresAMinute, timeWindow: 60_000 });
  instance.setErrorHandler((error, request, reply) => {
    if (error instanceof RequestError) return refuse(reply, 404, error.message);
    request.log.error({ err: error }, 'a recording could not be read');
    return refuse(reply, 502, `The recording cannot be read now; the log has it under reference ${request.id}.`);
  });
  instance.get('/recordings/:fileId', async (request, reply) => {
    const fileId = textOf(request.params, 'fileId');
    const expires = textOf(request.query, 'expires');
    const signature = textOf(request.query, 'signature');
    const problem = await links.problemOf({ fileId, expires, signature });
    if (problem === null) return send(request, reply, await getStoredRecording(db, null, fileId), stores);
    const limit = await countFailure(request);
    if (limit.isAllowed || !limit.isExceeded) return refuse(reply, 403, refusals[problem]);
    return refuse(reply.header('retry-after', limit.ttlInSeconds), 429, 'Too many wrong links: wait a minute.');
  });
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  recording: StoredRecording,
  stores: BlobStores,
): Promise<FastifyReply> {
  const { fileId, store, blobName, bytes } = recording;
  const blobs = stores.of(store);
  if (blobs === null) return refuse(reply, 404, `The recording lies in a store (${store}) that is not set up here.`);
  const range = readByteRange(request.headers.range, bytes);
  reply.headers({ ...unkept, 'accept-ranges': 'bytes' });
  if (range === 'unsatisfiable') {
    return refuse(reply.header('content-range', `bytes */${bytes}`), 416, `The recording has ${bytes} bytes.`);
  }
  const over = new AbortController();
  reply.raw.once('close', () => over.abort());
  const content = await blobs.get(blobName, range, over.signal);
  if (content === null) return refuse(reply, 404, 'The recording is not in its store any more.');
  reply.headers({
    'content-type': 'audio/wav',
    'content-disposition': `inline; filename="${fileId}"`,
    'content-length': range === null ? bytes : range.last - range.first + 1,
  });
  if (range !== null) reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${bytes}`);
  return reply.send(content);
}

const unkept = { 'cache-control': 'private, no-store' };

function refuse(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).headers(unkept).type('text/plain; charset=utf-8').send(`${text}\n`);
}

function textOf(values: unknown, name: string): string {
  const value = isObject(values) ? values[name] : undefined;
  return typeof value === 'string' ? value : '';
}
