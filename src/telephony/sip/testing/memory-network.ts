import type { Clock } from '../../../lib/clock.ts';
import type { Random } from '../../../lib/random.ts';
import type { SocketAddress } from '../endpoint-types.ts';
import type { DatagramReceiver, DatagramTransport, SendResult } from '../transport/transport.ts';

export type MemoryNetworkOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** The share of datagrams that never arrive, 0 to 1. */
  readonly loss: number;
  /** Each takes this long, plus up to as much again. */
  readonly delayMs: number;
};

/** One datagram that was sent, and whether it got lost. */
export type SeenDatagram = { readonly text: string; readonly to: SocketAddress; readonly isLost: boolean };

/** A network in memory: delays, loses and reorders, the same way for the same seed. */
export class MemoryNetwork {
  readonly #options: MemoryNetworkOptions;
  readonly #hosts = new Map<string, MemoryTransport>();
  /** Everything sent so far, in order. */
  readonly seen: SeenDatagram[] = [];
  readonly #drops: { readonly pattern: RegExp; left: number }[] = [];
  #loss: number;

  constructor(options: MemoryNetworkOptions) {
    this.#options = options;
    this.#loss = options.loss;
  }

  bind(local: SocketAddress): DatagramTransport {
    const transport = new MemoryTransport(local, (datagram, to) => this.#carry(datagram, local, to));
    this.#hosts.set(`${local.address}:${local.port}`, transport);
    return transport;
  }

  setLoss(loss: number): void {
    this.#loss = loss;
  }

  /** Loses the next `count` datagrams that the pattern matches. */
  drop(pattern: RegExp, count: number): void {
    this.#drops.push({ pattern, left: count });
  }

  #isDropped(text: string): boolean {
    const drop = this.#drops.find(({ pattern, left }) => left > 0 && pattern.test(text));
    if (drop !== undefined) drop.left -= 1;
    return drop !== undefined;
  }

  #carry(datagram: Buffer, from: SocketAddress, to: SocketAddress): void {
    const { clock, random, delayMs } = this.#options;
    const text = datagram.toString('latin1');
    const isLost = random.float() < this.#loss || this.#isDropped(text);
    this.seen.push({ text, to: { address: to.address, port: to.port }, isLost });
    const copy = Buffer.from(datagram);
    const deliver = (): void => this.#hosts.get(`${to.address}:${to.port}`)?.deliver(copy, from);
    if (!isLost) clock.setTimer(deliver, delayMs * (1 + random.float()));
  }
}

class MemoryTransport implements DatagramTransport {
  readonly local: SocketAddress;
  readonly #carry: (datagram: Buffer, to: SocketAddress) => void;
  #receiver: DatagramReceiver | null = null;
  #isClosed = false;

  constructor(local: SocketAddress, carry: (datagram: Buffer, to: SocketAddress) => void) {
    this.local = local;
    this.#carry = carry;
  }

  /** Port 0 is nobody's, as with a real socket; elsewhere a datagram is sent, whether or not somebody is there. */
  send(datagram: Buffer, destination: SocketAddress, onSent: SendResult): void {
    if (this.#isClosed) return;
    if (destination.port === 0) process.nextTick(onSent, new RangeError('nobody to send to at port 0'));
    else this.#carry(datagram, destination);
  }

  receive(receiver: DatagramReceiver): void {
    this.#receiver = receiver;
  }

  deliver(datagram: Buffer, from: SocketAddress): void {
    if (!this.#isClosed) this.#receiver?.(datagram, from);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }
}
