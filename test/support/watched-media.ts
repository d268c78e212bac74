import { systemRandom } from '../../src/lib/random.ts';
import { chooseSockets } from '../../src/telephony/rtp/choose-sockets.ts';
import type { DatagramListener, DatagramSocket, DatagramSockets } from '../../src/telephony/rtp/datagram-socket.ts';
import { MediaThread } from '../../src/telephony/rtp/media-thread-loop.ts';
import type { MediaAddress } from '../../src/telephony/rtp/media-types.ts';
import type { StartMediaWorker } from '../../src/telephony/rtp/media-worker.ts';
import type { ToMediaThread } from '../../src/telephony/rtp/thread-protocol.ts';

/** A datagram of a media thread. */
export type SeenDatagram = {
  readonly direction: 'sent' | 'received';
  /** Ours. */
  readonly local: MediaAddress;
  readonly remote: MediaAddress;
  /** When it left, or came to the machine, monotonic ms: it may be read much later. */
  readonly atMs: number;
  /** Valid during the call only. */
  readonly packet: Buffer;
};

/**
 * Media threads on the test's own thread, whose every datagram is shown to `passes` as it leaves and comes: where that says no, it is lost. The sockets are those
 * that real media threads would have.
 */
export function watchedMedia(passes: (datagram: SeenDatagram) => boolean): StartMediaWorker {
  return (observer) => {
    const now = (): number => performance.now();
    const waiting: ToMediaThread[] = [];
    let thread: MediaThread | null = null;
    void chooseSockets('system calls', now).then(({ kind, reason, open }) => {
      observer.onMessage({ type: 'started', hasPriority: true, sockets: kind, reason });
      const started = new MediaThread({
        tickMs: 5,
        now,
        epochMs: performance.timeOrigin,
        random: systemRandom(),
        // As from another thread: not while the caller is at work.
        post: (message) => queueMicrotask(() => observer.onMessage(message)),
        sockets: (giveWay) => watchedSockets(open(giveWay), passes),
      });
      for (const message of waiting) started.handle(message);
      thread = started;
    });
    return {
      post: (message) => {
        if (thread === null) waiting.push(message);
        else thread.handle(message);
      },
      terminate: async () => observer.onEnd('terminated'),
    };
  };
}

function watchedSockets(sockets: DatagramSockets, passes: (datagram: SeenDatagram) => boolean): DatagramSockets {
  return {
    get packetsDropped() {
      return sockets.packetsDropped;
    },
    async bind(at) {
      return watchedSocket(await sockets.bind(at), { address: at.host, port: at.port }, passes);
    },
  };
}

function watchedSocket(
  socket: DatagramSocket,
  local: MediaAddress,
  passes: (datagram: SeenDatagram) => boolean,
): DatagramSocket {
  let connected: MediaAddress | null = null;
  const leaves = (remote: MediaAddress, packet: Buffer): boolean =>
    passes({ direction: 'sent', local, remote, atMs: performance.now(), packet });
  const listenerOf = (listener: DatagramListener): DatagramListener => ({
    receive(packet, source, arrivalMs) {
      const datagram = { direction: 'received', local, remote: source, atMs: arrivalMs, packet } as const;
      if (passes(datagram)) listener.receive(packet, source, arrivalMs);
    },
    onSocketError: (error) => listener.onSocketError(error),
  });
  return {
    listen: (listener) => socket.listen(listener && listenerOf(listener)),
    poll: () => socket.poll(),
    send(packet) {
      if (connected !== null && leaves(connected, packet)) socket.send(packet);
    },
    sendTo(packet, target) {
      if (leaves(target, packet)) socket.sendTo(packet, target);
    },
    connect(target) {
      connected = target;
      socket.connect(target);
    },
    disconnect() {
      connected = null;
      socket.disconnect();
    },
    close: () => socket.close(),
  };
}
