import type { DatagramSockets } from './datagram-socket.ts';
import { EventSockets } from './event-sockets.ts';
import { loadLibc } from './linux/libc.ts';
import { SystemSockets } from './linux/system-sockets.ts';

/** How a media thread sends and receives: by system calls of its own (cheaper; Linux), or by events of `node:dgram` (everywhere). */
export type SocketKind = 'system calls' | 'events';

export type ChosenSockets = {
  readonly kind: SocketKind;
  /** Why it is not what was wanted; null: it is. */
  readonly reason: string | null;
  /** As `MediaThreadOptions.sockets`. */
  readonly open: (giveWay: () => void) => DatagramSockets;
};

/** The sockets of a media thread: those that are wanted, or, where these cannot be had, events. `now`: monotonic milliseconds. */
export async function chooseSockets(wanted: SocketKind, now: () => number): Promise<ChosenSockets> {
  const events = (giveWay: () => void): DatagramSockets => new EventSockets({ now, giveWay });
  if (wanted === 'events') return { kind: 'events', reason: null, open: events };
  const opened = await loadLibc();
  if (opened.libc === null) return { kind: 'events', reason: opened.reason, open: events };
  const { libc } = opened;
  return { kind: 'system calls', reason: null, open: () => new SystemSockets({ libc, now }) };
}
