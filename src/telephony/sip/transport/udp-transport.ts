import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { InfrastructureError, messageOf } from '../../../lib/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { SocketAddress } from '../endpoint-types.ts';
import { isUnicast } from './ip-address.ts';
import type { DatagramReceiver, DatagramTransport, SendResult } from './transport.ts';

export type UdpTransportOptions = {
  /** An IP address of this machine. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logger: Logger;
};

/** Bytes; a burst of some thousand messages is kept while the event loop is busy. The kernel caps it at its own limit. */
const socketBufferSize = 4 * 1024 * 1024;

/** Binds a UDP socket. Rejects with an InfrastructureError when the address cannot be bound. */
export async function bindUdpTransport(options: UdpTransportOptions): Promise<DatagramTransport> {
  const family = isIPv6(options.host) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    // IPv4 has a socket of its own.
    ipv6Only: family === 6,
    recvBufferSize: socketBufferSize,
    sendBufferSize: socketBufferSize,
    // Destinations are IP addresses: without this each send would be put off to the next tick for a look-up.
    lookup: (host, _options, done) => done(null, host, family),
  });
  try {
    // Before the bind: with a look-up that answers at once it listens at once.
    const listening = once(socket, 'listening');
    socket.bind(options.port, options.host);
    await listening;
  } catch (cause) {
    socket.close();
    const address = `${options.host}:${options.port}`;
    throw new InfrastructureError(`cannot bind SIP to ${address}: ${messageOf(cause)}`, { retryable: true, cause });
  }
  return new UdpTransport(socket, options.logger);
}

class UdpTransport implements DatagramTransport {
  readonly local: SocketAddress;
  readonly #socket: Socket;
  #receiver: DatagramReceiver | null = null;
  #isClosed = false;

  constructor(socket: Socket, logger: Logger) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.local = { address, port };
    socket.on('message', (datagram, remote) => this.#receiver?.(datagram, remote));
    socket.on('error', (error) => logger.warn({ err: error }, 'sip socket error'));
  }

  send(datagram: Buffer, destination: SocketAddress, onSent: SendResult): void {
    if (this.#isClosed) return;
    if (destination.port < 1 || destination.port > 65535 || !isUnicast(destination.address)) {
      process.nextTick(onSent, new RangeError(`nobody to send to at ${destination.address}:${destination.port}`));
      return;
    }
    this.#socket.send(datagram, destination.port, destination.address, onSent);
  }

  receive(receiver: DatagramReceiver): void {
    this.#receiver = receiver;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}
