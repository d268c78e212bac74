import type { Hop, SipTransport, SocketAddress } from '../endpoint-types.ts';

/** Told what a stream brings, in order; never from inside a call on the stream. Must not throw. */
export interface ByteStreamObserver {
  /** It can be written to; over TLS the far side has been checked. Not told of streams that came in. */
  onConnected(): void;
  onBytes(bytes: Buffer): void;
  /** The last there is: it was closed by the far side (null), could not be made, or broke. */
  onClosed(error: Error | null): void;
}

/** One connection. */
export interface ByteStream {
  /** Our end's port; null until it is connected. */
  readonly localPort: number | null;
  /** Bytes that were written and have not left yet. */
  readonly backlogBytes: number;
  /** The buffer must not change afterwards. */
  write(bytes: Buffer): void;
  /** Sends what was written, for a short while, and closes it. Nothing is told any more. Idempotent. */
  close(): void;
}

/** A connection that somebody makes to us, before a byte is read. */
export type IncomingStream = {
  readonly remote: SocketAddress;
  readonly transport: Exclude<SipTransport, 'udp'>;
  /** Takes it. Whoever does not call one of the two leaks it. */
  accept(observer: ByteStreamObserver): ByteStream;
  refuse(): void;
};

/** Where connections come from and go to: TCP and TLS of this machine, or memory in tests. */
export interface StreamNetwork {
  connect(hop: Hop, observer: ByteStreamObserver): ByteStream;
  /** One handler; without one all that come in are refused. */
  onIncoming(handler: (incoming: IncomingStream) => void): void;
  /** Listens no more. Streams are closed by who has them. */
  close(): Promise<void>;
}
