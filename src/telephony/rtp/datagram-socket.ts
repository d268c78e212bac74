import type { MediaAddress } from './latch-machine.ts';
import type { MediaPort } from './media-port.ts';

/** Hears what comes in through a {@link DatagramSocket}. */
export interface DatagramListener {
  /**
   * A datagram. `packet` is the listener's during the call only: its memory is used again. `arrivalMs`, on the thread's monotonic clock, is when it came to the machine where
   * the system tells, else when it was read; `source` never changes and may be kept.
   */
  receive(packet: Buffer, source: MediaAddress, arrivalMs: number): void;
  /** The system refuses to send or receive. Not told: that nobody listens at the other end (ICMP), which is the far side's matter. */
  onSocketError(error: Error): void;
}

/** A bound UDP socket of a media thread. It stays from session to session; who listens changes. */
export interface DatagramSocket {
  /**
   * Whoever listens hears what comes from now on, at {@link poll} at the latest; null: what comes is dropped. What came before is nobody's.
   */
  listen(listener: DatagramListener | null): void;
  /** Gives out what has come. To be called every packet time by who listens; it costs nothing where datagrams come by themselves. */
  poll(): void;
  /** Sends to whom the socket is connected to. The packet may be written again one packet time later. */
  send(packet: Buffer): void;
  /** Sends to a literal address, while the socket is not connected. */
  sendTo(packet: Buffer, target: MediaAddress): void;
  /** Has the kernel drop everybody but this one; what others had sent by then may still come. Connected again, it moves. */
  connect(target: MediaAddress): void;
  /** Not connected: nothing happens. */
  disconnect(): void;
  /** Lets the port go; nothing is heard any more. */
  close(): void;
}

/** Makes the sockets of one thread. */
export interface DatagramSockets {
  /** Packets of all of them that the system had no room to send. */
  readonly packetsDropped: number;
  /** Binds a socket to a literal address. Rejects with the system's error (`code` EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE). */
  bind(at: MediaPort): Promise<DatagramSocket>;
}
