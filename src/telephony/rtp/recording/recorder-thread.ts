import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { assertNever } from '../../../lib/errors.ts';
import { RecorderLoop } from './recorder-loop.ts';
import type { FromRecorder, RecorderCommand, ToRecorder } from './recorder-protocol.ts';

/** What the recorder thread is started with. */
export type RecorderSettings = { readonly pendingBytes: SharedArrayBuffer; readonly minFreeBytes: number };

/** What media threads told a moment ago is still on its way when the main side says that it is over, ms. */
const lastWordsMs = 50;

/** The entry of the recorder thread (`new Worker`); started from anywhere else it does nothing. */
if (!isMainThread && parentPort !== null) {
  const main = parentPort;
  const { pendingBytes, minFreeBytes } = workerData as RecorderSettings;
  const post = (message: FromRecorder): void => main.postMessage(message);
  const loop = new RecorderLoop({
    pendingBytes: new Int32Array(pendingBytes),
    minFreeBytes,
    now: () => performance.now(),
    post,
  });
  const attach = (port: MessagePort): void => {
    port.on('message', (messages: readonly ToRecorder[]) => {
      for (const message of messages) loop.handle(message);
    });
  };
  main.on('message', (command: RecorderCommand) => {
    switch (command.type) {
      case 'attach':
        attach(command.port);
        return;
      case 'cut':
        setTimeout(() => loop.cut(command.recordingId, command.problem), lastWordsMs);
        return;
      case 'close':
        setTimeout(() => {
          loop.cutAll(command.problem);
          post({ type: 'closed' });
        }, lastWordsMs);
        return;
      default:
        assertNever(command);
    }
  });
}
