import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { DatagramListener, DatagramSocket, DatagramSockets } from './datagram-socket.ts';
import type { MediaAddress } from './latch-machine.ts';
import type { MediaPort } from './media-port.ts';

export type EventSocketsOptions = {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Called after every few datagrams, however many wait: sending goes before receiving. */
  readonly giveWay: () => void;
};

const datagramsPerTurn = 8;

/** Sockets of `node:dgram`: they run everywhere, and each datagram is an event of its own. */
export class EventSockets implements DatagramSockets {
  /** Where there is no room, libuv keeps the packet and sends it later. */
  readonly packetsDropped = 0;
  readonly #options: EventSocketsOptions;
  #datagrams = 0;

  constructor(options: EventSocketsOptions) {
    this.#options = options;
  }

  bind({ host, port }: MediaPort): Promise<DatagramSocket> {
    return new Promise((resolve, reject) => {
      const family = isIPv6(host) ? 6 : 4;
      const socket = createSocket({
        type: family === 6 ? 'udp6' : 'udp4',
        // Addresses are always literal here, so nothing is to be looked up; the default would put every send through `dns.lookup` and a later tick.
        lookup: (address, _options, done) => done(null, address, family),
      });
      const fail = (error: Error): void => {
        socket.close();
        reject(error);
      };
      socket.once('error', fail);
      socket.bind({ address: host, port, exclusive: true }, () => {
        socket.off('error', fail);
        resolve(new EventSocket(socket, this.#options.now, () => this.#count()));
      });
    });
  }

  #count(): void {
    this.#datagrams += 1;
    if (this.#datagrams % datagramsPerTurn === 0) this.#options.giveWay();
  }
}

class EventSocket implements DatagramSocket {
  readonly #socket: Socket;
  #listener: DatagramListener | null = null;
  #isConnected = false;

  constructor(socket: Socket, now: () => number, onDatagram: () => void) {
    this.#socket = socket;
    socket.on('message', (packet, source) => {
      this.#listener?.receive(packet, source, now());
      onDatagram();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNREFUSED') this.#listener?.onSocketError(error);
    });
  }

  listen(listener: DatagramListener | null): void {
    this.#listener = listener;
  }

  poll(): void {
    // Datagrams come as events.
  }

  // Both without a callback and without offset and length: the cheapest forms. The buffer is not copied when the kernel's queue is
  // full (then it would go out with the next packet's content); it is written again only one packet time later.
  send(packet: Buffer): void {
    this.#socket.send(packet);
  }

  sendTo(packet: Buffer, { address, port }: MediaAddress): void {
    this.#socket.send(packet, port, address);
  }

  connect({ address, port }: MediaAddress): void {
    this.disconnect();
    this.#socket.connect(port, address);
    this.#isConnected = true;
  }

  disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    try {
      this.#socket.disconnect();
    } catch (error) {
      // The kernel refused the connection, which the socket's `error` has told: there is nothing to undo.
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SOCKET_DGRAM_NOT_CONNECTED')) throw error;
    }
  }

  close(): void {
    this.#socket.close();
  }
}
