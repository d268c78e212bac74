import { Worker } from 'node:worker_threads';
import { InfrastructureError } from '../lib/errors.ts';
import type { StoreKind } from './blob-store.ts';
import type { StoreSettings } from './blob-stores.ts';
import type { UploadReply, UploadRequest } from './upload-protocol.ts';

/** Stores files on a thread of its own: no event loop that has calls on it sends megabytes over HTTP. */
export interface BlobUploader {
  /** Of the store that new blobs go to. */
  readonly kind: StoreKind;
  /** As `BlobStore.put`. Rejects with an InfrastructureError. */
  put(name: string, file: string): Promise<void>;
  /** Gives up what is under way. */
  close(): Promise<void>;
}

/** The thread starts with the first upload, and anew after it died. */
export function createBlobUploader(settings: StoreSettings): BlobUploader {
  const waiting = new Map<number, { resolve: () => void; reject: (error: unknown) => void }>();
  let worker: Worker | null = null;
  let nextId = 1;

  function fail(reason: string): void {
    worker = null;
    for (const { reject } of waiting.values()) reject(new InfrastructureError(reason, { retryable: true }));
    waiting.clear();
  }

  function start(): Worker {
    const entry = new URL(`./upload-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    const started = new Worker(entry, { workerData: settings });
    started.on('message', ({ id, problem }: UploadReply) => {
      const request = waiting.get(id);
      waiting.delete(id);
      if (waiting.size === 0) started.unref();
      if (problem === null) request?.resolve();
      else request?.reject(new InfrastructureError(problem.message, { retryable: problem.retryable }));
    });
    let reason = 'the upload thread ended';
    started.on('error', (error) => {
      reason = `the upload thread failed: ${error instanceof Error ? error.message : String(error)}`;
    });
    started.on('exit', () => {
      if (started === worker) fail(reason);
    });
    return started;
  }

  return {
    kind: settings.s3 === null ? 'file' : 's3',
    put(name, file) {
      worker ??= start();
      worker.ref();
      const request: UploadRequest = { id: nextId, name, file };
      nextId += 1;
      worker.postMessage(request);
      return new Promise((resolve, reject) => waiting.set(request.id, { resolve, reject }));
    },
    async close() {
      const ending = worker;
      fail('the uploader is closed');
      await ending?.terminate();
    },
  };
}
