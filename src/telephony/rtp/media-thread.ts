import { constants, setPriority } from 'node:os';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { systemRandom } from '../../lib/random.ts';
import { chooseSockets } from './choose-sockets.ts';
import { MediaThread } from './media-thread-loop.ts';
import type { MediaWorkerSettings } from './media-worker.ts';
import { MessageBatch } from './message-batch.ts';
import type { FromMediaThread, ToMediaThread } from './thread-protocol.ts';

/** The entry of a media thread (`new Worker`); started from anywhere else it does nothing. */
if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const { tickMs, sockets } = workerData as MediaWorkerSettings;
  const batch = new MessageBatch<FromMediaThread>((messages, transfer) => port.postMessage(messages, transfer));
  const now = (): number => performance.now();
  const { kind, reason, open } = await chooseSockets(sockets, now);
  batch.post({ type: 'started', hasPriority: raisePriority(), sockets: kind, reason });
  const thread = new MediaThread({
    tickMs,
    now,
    epochMs: performance.timeOrigin,
    random: systemRandom(),
    post: (message, transfer) => batch.post(message, transfer),
    sockets: open,
  });
  port.on('message', (messages: readonly ToMediaThread[]) => {
    for (const message of messages) thread.handle(message);
  });
}

/** A packet is late after 20 ms, a SIP message or a query after seconds; on a busy machine this is what keeps lateness low. On Linux 0 means this thread alone. */
function raisePriority(): boolean {
  try {
    setPriority(0, constants.priority.PRIORITY_HIGH);
    return true;
  } catch {
    // Needs root or CAP_SYS_NICE.
    return false;
  }
}
