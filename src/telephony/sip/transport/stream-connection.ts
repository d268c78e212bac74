import type { ByteStream, ByteStreamObserver } from '../../../lib/byte-stream.ts';
import type { Clock, Timer } from '../../../lib/clock.ts';
import { assertNever } from '../../../lib/errors.ts';
import type { Random } from '../../../lib/random.ts';
import {
  type ConnectionAction,
  type ConnectionInput,
  type ConnectionState,
  connectionStart,
  stepConnection,
} from './connection-machine.ts';
import { StreamFramer } from './stream-framer.ts';
import type { SendResult, Source } from './transport.ts';

export interface StreamConnectionOwner {
  readonly clock: Clock;
  readonly random: Random;
  onMessage(message: Buffer, connection: StreamConnection): void;
  /** It is closed and sends nothing any more. `error` null: nothing went wrong. */
  onClosed(connection: StreamConnection, error: Error | null): void;
}

/** Milliseconds. */
export const streamTimes = {
  /** To connect, with TLS. */
  connect: 5_000,
  /** To send the rest of a message that has begun. */
  message: 15_000,
  /** RFC 5626 section 4.4.1: between 80 and 100 % of this pass from one ping to the next. */
  keepalive: 120_000,
  pong: 10_000,
  /** Without a message in either direction. Over an hour, so that a registration of one hour keeps its connection. */
  idle: 4_000_000,
} as const;

/** Bytes that may wait for a far side that reads slowly, or that is still being connected to: some thousand messages. */
const maxBacklogBytes = 8 * 1024 * 1024;

const ping = Buffer.from('\r\n\r\n');
const pong = Buffer.from('\r\n');

/** The shell of one connection's machine: holds the stream, the timers, what waits to be sent, and who waits for an answer. */
export class StreamConnection implements ByteStreamObserver {
  readonly source: Source;
  readonly #owner: StreamConnectionOwner;
  readonly #framer = new StreamFramer();
  readonly #stream: ByteStream;
  #state: ConnectionState;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  readonly #senders = new Set<SendResult>();
  #endsTimer: Timer | null = null;
  #keepaliveTimer: Timer | null = null;
  #pongTimer: Timer | null = null;
  #idleTimer: Timer | null = null;
  #usedAtMs: number;
  #heardAtMs: number;

  /** `open` is called at once and makes the stream; it tells nothing before it has returned. */
  constructor(
    source: Source,
    direction: keyof typeof connectionStart,
    owner: StreamConnectionOwner,
    open: (observer: ByteStreamObserver) => ByteStream,
  ) {
    this.source = source;
    this.#owner = owner;
    this.#state = connectionStart[direction];
    this.#usedAtMs = owner.clock.monotonic();
    this.#heardAtMs = this.#usedAtMs;
    this.#stream = open(this);
    if (direction === 'outgoing') this.#endAfter(streamTimes.connect, 'no answer to our connection');
    else this.#endAfter(streamTimes.message, 'nothing was said');
    this.#watchIdle(streamTimes.idle);
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Our end's port; null: it is not connected yet. */
  get localPort(): number | null {
    return this.#state === 'connecting' ? null : this.#stream.localPort;
  }

  /** When it was last heard of, on the clock. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /**
   * Sends, or lets wait until it is connected. `sender` is told when the connection is lost, until it is released, or when too much waits already;
   * never from inside.
   */
  send(message: Buffer, sender: SendResult): void {
    if (this.#waitingBytes + this.#stream.backlogBytes > maxBacklogBytes) {
      process.nextTick(sender, new Error('too much waits to be sent over the connection'));
      return;
    }
    this.#usedAtMs = this.#owner.clock.monotonic();
    this.#senders.add(sender);
    if (this.#state === 'connecting') {
      this.#waiting.push(message);
      this.#waitingBytes += message.length;
    } else {
      this.#stream.write(message);
    }
  }

  /** Who sent something waits for nothing any more. */
  release(sender: SendResult): void {
    this.#senders.delete(sender);
  }

  /** Closes it; those who wait for an answer are told, with `error`. */
  close(error: Error | null): void {
    this.#end(error);
  }

  onConnected(): void {
    this.#endsTimer?.cancel();
    this.#feed('connected');
  }

  onBytes(bytes: Buffer): void {
    this.#heardAtMs = this.#owner.clock.monotonic();
    let lineBreaks = 0;
    for (const part of this.#framer.push(bytes)) {
      if (this.isClosed) return;
      if (part.type === 'line-break') {
        lineBreaks++;
        if (lineBreaks === 2) this.#feed('ping');
        lineBreaks %= 2;
        continue;
      }
      if (lineBreaks === 1) this.#feed('pong');
      lineBreaks = 0;
      if (part.type === 'message') this.#onMessage(part.message);
      else this.#end(new Error(`not SIP: ${part.reason}`));
    }
    if (lineBreaks === 1) this.#feed('pong');
    this.#watchMessage();
  }

  onClosed(error: Error | null): void {
    this.#end(error ?? new Error('the far side closed the connection'));
  }

  #onMessage(message: Buffer): void {
    this.#usedAtMs = this.#heardAtMs;
    this.#endsTimer?.cancel();
    this.#endsTimer = null;
    this.#feed('message');
    this.#owner.onMessage(message, this);
  }

  #feed(input: ConnectionInput): void {
    const step = stepConnection(this.#state, input);
    this.#state = step.state;
    for (const action of step.actions) this.#run(action);
  }

  #run(action: ConnectionAction): void {
    switch (action) {
      case 'send-waiting':
        for (const message of this.#waiting) this.#stream.write(message);
        this.#waiting = [];
        this.#waitingBytes = 0;
        return;
      case 'send-ping':
        this.#stream.write(ping);
        return;
      case 'send-pong':
        this.#stream.write(pong);
        return;
      case 'start-keepalive':
        this.#startKeepalive();
        return;
      case 'start-pong-timer':
        this.#pongTimer = this.#owner.clock.setTimer(() => this.#onPongOverdue(), streamTimes.pong);
        return;
      case 'stop-pong-timer':
        this.#pongTimer?.cancel();
        return;
      case 'close':
        this.#stopTimers();
        this.#stream.close();
        return;
      default:
        assertNever(action);
    }
  }

  #startKeepalive(): void {
    const { clock, random } = this.#owner;
    const delayMs = streamTimes.keepalive * (0.8 + 0.2 * random.float());
    this.#keepaliveTimer = clock.setTimer(() => this.#feed('keepalive-due'), delayMs);
  }

  #onPongOverdue(): void {
    this.#feed('pong-overdue');
    if (this.isClosed) this.#tellAll(new Error('the far side does not answer any more'));
  }

  #end(error: Error | null): void {
    if (this.isClosed) return;
    this.#feed('end');
    this.#tellAll(error);
  }

  #tellAll(error: Error | null): void {
    const senders = [...this.#senders];
    this.#senders.clear();
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#owner.onClosed(this, error);
    for (const sender of senders) sender(error ?? new Error('the connection was closed'));
  }

  /** A message that has begun must go on to its end; what comes byte by byte is nobody's honest message. */
  #watchMessage(): void {
    if (this.isClosed || this.#state === 'connecting') return;
    if (!this.#framer.isWithinMessage) {
      this.#endsTimer?.cancel();
      this.#endsTimer = null;
    } else if (this.#endsTimer === null) {
      this.#endAfter(streamTimes.message, 'a message was never finished');
    }
  }

  #endAfter(delayMs: number, reason: string): void {
    this.#endsTimer = this.#owner.clock.setTimer(() => this.#end(new Error(reason)), delayMs);
  }

  /** One timer for the whole silence, moved on when it fires: nothing is done per message. */
  #watchIdle(delayMs: number): void {
    this.#idleTimer = this.#owner.clock.setTimer(() => {
      const restMs = this.#usedAtMs + streamTimes.idle - this.#owner.clock.monotonic();
      if (restMs > 0) this.#watchIdle(restMs);
      else this.#end(null);
    }, delayMs);
  }

  #stopTimers(): void {
    for (const timer of [this.#endsTimer, this.#keepaliveTimer, this.#pongTimer, this.#idleTimer]) timer?.cancel();
  }
}
