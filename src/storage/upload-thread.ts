import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { InfrastructureError, messageOf } from '../lib/errors.ts';
import { openBlobStores, type StoreSettings } from './blob-stores.ts';
import type { UploadReply, UploadRequest } from './upload-protocol.ts';

/** The entry of the upload thread (`new Worker`); started from anywhere else it does nothing. */
if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const store = openBlobStores(workerData as StoreSettings).current;
  const put = async ({ id, name, file }: UploadRequest): Promise<UploadReply> => {
    try {
      await store.put(name, file);
      return { id, problem: null };
    } catch (error) {
      const retryable = !(error instanceof InfrastructureError) || error.retryable;
      return { id, problem: { message: messageOf(error), retryable } };
    }
  };
  port.on('message', (request: UploadRequest) => {
    // What `put` resolves to is all that can come of it.
    void put(request).then((reply) => port.postMessage(reply));
  });
}
