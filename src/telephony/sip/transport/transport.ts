import type { SocketAddress } from '../endpoint-types.ts';

/** Told how sending one datagram went; null: it left (which is not: it arrived). */
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
