import type { Hop, SocketAddress } from '../endpoint-types.ts';

/** Told how sending one message went; null: it left (which is not: it arrived). */
export type SendResult = (error: Error | null) => void;

export type DatagramReceiver = (datagram: Buffer, remote: SocketAddress) => void;

/** Datagrams in and out of one bound address: UDP, or memory in tests. */
export interface DatagramTransport {
  readonly local: SocketAddress;
  /** Sends now; the buffer must not change afterwards. `onSent` is called later, never from inside. */
  send(datagram: Buffer, destination: SocketAddress, onSent: SendResult): void;
  /** One receiver; what arrives without one is dropped. */
  receive(receiver: DatagramReceiver): void;
  close(): Promise<void>;
}

/** Where a message came from. What answers it takes the connection that it came over, while that is open. */
export type Source = Hop & {
  /** null: it came as a datagram. */
  readonly connectionId: number | null;
};

export type MessageReceiver = (message: Buffer, source: Source) => void;

/** Told where a connection led, and why it is gone. */
export type LossObserver = (hop: Hop, reason: string) => void;

/** Messages in and out, over whatever carries them. */
export interface MessageTransport {
  /**
   * Sends, over a connection that is there or a new one where the hop asks for one; the buffer must not change afterwards. `onSent` is called later,
   * never from inside: over UDP once; over a connection only when that is lost, as long as it is not released.
   */
  send(message: Buffer, to: Hop | Source, onSent: SendResult): void;
  /** Who sent with this waits for no answer any more. */
  release(onSent: SendResult): void;
  /** Our end's port of the connection that leads there; null: there is none yet. */
  localPortTo(hop: Hop): number | null;
  /** What was sent there was not answered for `silentMs`: a connection that has brought nothing since is dead. */
  doubt(hop: Hop, silentMs: number): void;
  /** One receiver; what arrives without one is dropped. */
  receive(receiver: MessageReceiver): void;
  /** Told of every connection that we made and that is gone. One observer. */
  observeLoss(observer: LossObserver): void;
  close(): Promise<void>;
}
