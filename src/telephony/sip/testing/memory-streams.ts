import type { ByteStream, ByteStreamObserver } from '../../../lib/byte-stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Hop, SocketAddress } from '../endpoint-types.ts';
import type { IncomingStream, StreamNetwork } from '../transport/stream-network.ts';

export type MemoryStreamsOptions = {
  readonly clock: Clock;
  /** Everything takes this long, in one direction. */
  readonly delayMs: number;
};

type IncomingHandler = (incoming: IncomingStream) => void;

/** Connections in memory. TLS is a connection like any other here: names and certificates are for real sockets. */
export class MemoryStreams {
  readonly #options: MemoryStreamsOptions;
  readonly #handlers = new Map<string, IncomingHandler>();
  readonly #pairs = new Set<Pair>();
  #lastPort = 40_000;
  /** The addresses that take part in a connection at all; others never answer. */
  readonly #silent = new Set<string>();
  /** Connections tried so far. */
  tried = 0;

  constructor(options: MemoryStreamsOptions) {
    this.#options = options;
  }

  /** The network as one host has it, which listens at `local` alone. */
  host(local: SocketAddress): StreamNetwork {
    const key = `${local.address}:${local.port}`;
    return {
      connect: (hop, observer) => this.#connect(local, hop, observer),
      onIncoming: (handler) => void this.#handlers.set(key, handler),
      close: async () => void this.#handlers.delete(key),
    };
  }

  /** A host that takes no connection and refuses none, as behind a firewall. */
  silence(address: string): void {
    this.#silent.add(address);
  }

  /** Breaks every connection, as a reset does. */
  cut(): void {
    for (const pair of [...this.#pairs]) pair.cut(new Error('read ECONNRESET'));
  }

  /** From here on nothing gets through any more, and nobody is told. */
  freeze(): void {
    for (const pair of this.#pairs) pair.isFrozen = true;
  }

  get open(): number {
    return this.#pairs.size;
  }

  #connect(local: SocketAddress, hop: Hop, observer: ByteStreamObserver): ByteStream {
    this.tried++;
    const { clock, delayMs } = this.#options;
    const pair = new Pair(clock, delayMs, () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    const near = pair.end(0, observer);
    const remote = { address: local.address, port: ++this.#lastPort };
    clock.setTimer(() => {
      if (this.#silent.has(hop.address) || pair.isClosed) return;
      const handler = this.#handlers.get(`${hop.address}:${hop.port}`);
      const refuse = (): void => pair.cut(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
      if (handler === undefined) {
        refuse();
        return;
      }
      clock.setTimer(() => pair.isClosed || observer.onConnected(), delayMs);
      const accept = (far: ByteStreamObserver): ByteStream => pair.end(1, far);
      handler({ remote, transport: hop.transport === 'tls' ? 'tls' : 'tcp', accept, refuse });
    }, delayMs);
    return near;
  }
}

/** The two ends of a connection. */
class Pair {
  isFrozen = false;
  isClosed = false;
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #onClosed: () => void;
  readonly #observers: (ByteStreamObserver | null)[] = [null, null];

  constructor(clock: Clock, delayMs: number, onClosed: () => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#onClosed = onClosed;
  }

  end(side: 0 | 1, observer: ByteStreamObserver): ByteStream {
    this.#observers[side] = observer;
    const other = side === 0 ? 1 : 0;
    return {
      localPort: null,
      backlogBytes: 0,
      write: (bytes) => this.#later(() => this.#observers[other]?.onBytes(bytes)),
      close: () => {
        this.#observers[side] = null;
        this.#later(() => this.cut(null));
      },
    };
  }

  /** Ends it for both. */
  cut(error: Error | null): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#onClosed();
    for (const observer of this.#observers) observer?.onClosed(error);
  }

  #later(run: () => void): void {
    this.#clock.setTimer(() => {
      if (!this.isFrozen && !this.isClosed) run();
    }, this.#delayMs);
  }
}
