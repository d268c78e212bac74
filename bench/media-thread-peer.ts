import type { MediaWorkerSettings } from '../src/telephony/rtp/media-worker.ts';
import { type MediaSide, type MediaTotals, openMediaSide } from './media-thread-side.ts';

/** What the bench tells its far side, which runs in a process of its own, and what it answers. */
export type ToMediaPeer =
  | {
      readonly type: 'open';
      readonly remotePorts: readonly number[];
      readonly firstPort: number;
      readonly thread: MediaWorkerSettings;
    }
  | { readonly type: 'close' };
export type FromMediaPeer =
  | { readonly type: 'opened'; readonly ports: readonly number[] }
  | { readonly type: 'closed'; readonly totals: MediaTotals };

if (process.send !== undefined) {
  let side: MediaSide | null = null;
  process.on('message', (message: ToMediaPeer) => {
    void handle(message);
  });
  const handle = async (message: ToMediaPeer): Promise<void> => {
    if (message.type === 'open') {
      side = await openMediaSide(message.remotePorts.length, message.firstPort, message.thread);
      side.connect(message.remotePorts);
      process.send?.({ type: 'opened', ports: side.ports } satisfies FromMediaPeer);
    } else if (side !== null) {
      process.send?.({ type: 'closed', totals: await side.close() } satisfies FromMediaPeer);
      process.disconnect();
    }
  };
}
