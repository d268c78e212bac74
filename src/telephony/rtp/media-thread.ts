import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { systemRandom } from '../../lib/random.ts';
import { MediaThread } from './media-thread-loop.ts';
import type { FromMediaThread, ToMediaThread } from './thread-protocol.ts';

/** The entry of a media thread (`new Worker`); started from anywhere else it does nothing. */
if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const { tickMs } = workerData as { readonly tickMs: number };
  const thread = new MediaThread({
    tickMs,
    now: () => performance.now(),
    random: systemRandom(),
    post: (message: FromMediaThread, transfer?: ArrayBuffer[]) => port.postMessage(message, transfer),
  });
  port.on('message', (message: ToMediaThread) => thread.handle(message));
}
