import { type Transferable, Worker } from 'node:worker_threads';
import { siblingEntry } from '../audio/worker-queue.ts';
import type { SocketKind } from './choose-sockets.ts';
import { MessageBatch } from './message-batch.ts';
import type { FromMediaThread, ToMediaThread } from './thread-protocol.ts';

/** A running media thread as the main side sees it; the seam at which tests let one die. */
export interface MediaWorker {
  post(message: ToMediaThread, transfer?: readonly Transferable[]): void;
  /** Ends the thread; `onEnd` is called as for any other end. */
  terminate(): Promise<void>;
}

export type MediaWorkerObserver = {
  onMessage(message: FromMediaThread): void;
  /** Once: the thread is gone, with everything in it. */
  onEnd(reason: string): void;
};

export type StartMediaWorker = (observer: MediaWorkerObserver) => MediaWorker;

/** What a media thread is started with. */
export type MediaWorkerSettings = {
  /** Length of the schedule's slots. */
  readonly tickMs: number;
  /** Which sockets it shall have, if it can. */
  readonly sockets: SocketKind;
};

/** Starts a real media thread. */
export function startMediaWorker(observer: MediaWorkerObserver, settings: MediaWorkerSettings): MediaWorker {
  const worker = new Worker(siblingEntry(import.meta.url, 'media-thread'), { workerData: settings });
  let reason = 'media thread ended';
  worker.on('message', (messages: readonly FromMediaThread[]) => {
    for (const message of messages) observer.onMessage(message);
  });
  worker.on('error', (error) => {
    reason = `media thread failed: ${error instanceof Error ? error.message : String(error)}`;
  });
  worker.on('exit', () => observer.onEnd(reason));
  const batch = new MessageBatch<ToMediaThread>((messages, transfer) => worker.postMessage(messages, transfer));
  return {
    post: (message, transfer) => batch.post(message, transfer),
    async terminate() {
      await worker.terminate();
    },
  };
}
