import type { Hop, SocketAddress } from '../endpoint-types.ts';
import type { StreamTransport } from './stream-transport.ts';
import type {
  DatagramTransport,
  LossObserver,
  MessageReceiver,
  MessageTransport,
  SendResult,
  Source,
} from './transport.ts';

export type TransportsOptions = {
  /** The UDP sockets, one for each address family at most. */
  readonly datagrams: readonly DatagramTransport[];
  readonly streams: StreamTransport;
};

/** Everything that carries messages: leads each to the socket of its transport and address family. */
export class Transports implements MessageTransport {
  readonly #ipv4: DatagramTransport | null;
  readonly #ipv6: DatagramTransport | null;
  readonly #streams: StreamTransport;

  constructor({ datagrams, streams }: TransportsOptions) {
    this.#ipv4 = datagrams.find(({ local }) => !isVersion6(local)) ?? null;
    this.#ipv6 = datagrams.find(({ local }) => isVersion6(local)) ?? null;
    this.#streams = streams;
  }

  send(message: Buffer, to: Hop | Source, onSent: SendResult): void {
    if (to.transport !== 'udp') {
      this.#streams.send(message, to, onSent);
      return;
    }
    const socket = isVersion6(to) ? this.#ipv6 : this.#ipv4;
    if (socket !== null) socket.send(message, to, onSent);
    else process.nextTick(onSent, new Error(`SIP has no address to send to ${to.address} from`));
  }

  release(onSent: SendResult): void {
    this.#streams.release(onSent);
  }

  localPortTo(hop: Hop): number | null {
    return this.#streams.localPortTo(hop);
  }

  doubt(hop: Hop, silentMs: number): void {
    if (hop.transport !== 'udp') this.#streams.doubt(hop, silentMs);
  }

  receive(receiver: MessageReceiver): void {
    for (const socket of [this.#ipv4, this.#ipv6]) {
      socket?.receive((datagram, { address, port }) => {
        receiver(datagram, { address, port, transport: 'udp', tls: null, connectionId: null });
      });
    }
    this.#streams.receive(receiver);
  }

  observeLoss(observer: LossObserver): void {
    this.#streams.observeLoss(observer);
  }

  get figures() {
    return this.#streams.figures;
  }

  async close(): Promise<void> {
    await Promise.all([this.#ipv4?.close(), this.#ipv6?.close(), this.#streams.close()]);
  }
}

function isVersion6({ address }: SocketAddress): boolean {
  return address.includes(':');
}
