import type { ByteStream, ByteStreamObserver } from '../../../lib/byte-stream.ts';
import type { Hop, SipTransport, SocketAddress } from '../endpoint-types.ts';

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
