import type { Clock, Timer } from '../../lib/clock.ts';
import { assertNever, InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { MediaEvent, MediaStats, MediaThreadFigures } from './media-types.ts';
import type { MediaWorker, StartMediaWorker } from './media-worker.ts';
import type { EncodedPrompt, FromMediaThread, ToMediaThread } from './thread-protocol.ts';

/** The main side's end of one session; all are called by the handle of its thread. */
export interface SessionLink {
  onEvent(event: MediaEvent): void;
  onCapture(pcm: Int16Array | null): void;
  onClosed(stats: MediaStats, pcm: Int16Array | null): void;
  /** The thread is gone, and the session's socket with it. */
  onLost(reason: string): void;
}

export type MediaThreadHandleOptions = {
  readonly startWorker: StartMediaWorker;
  /** What a new thread must know. */
  readonly prompts: () => Iterable<EncodedPrompt>;
  readonly clock: Clock;
  readonly logger: Logger;
};

export type OpenRequest = Omit<Extract<ToMediaThread, { type: 'open' }>, 'type'>;

/** `code` as in the thread protocol. */
export type OpenResult =
  | { readonly isOpen: true }
  | { readonly isOpen: false; readonly code: string; readonly reason: string };

const firstRestartMs = 100;
const longestRestartMs = 5000;
/** A thread that lived this long was healthy: the next restart is quick again. */
const healthyAfterMs = 10_000;

/** One media thread and the sessions on it. When the thread dies, its sessions are lost and another one is started, with growing delay. */
export class MediaThreadHandle {
  readonly #options: MediaThreadHandleOptions;
  readonly #links = new Map<number, SessionLink>();
  readonly #opening = new Map<number, (result: OpenResult) => void>();
  #figuresWaiters: ((figures: MediaThreadFigures | null) => void)[] = [];
  #worker: MediaWorker | null = null;
  #startedMs = 0;
  #restartMs = firstRestartMs;
  #restartTimer: Timer | null = null;
  #isClosed = false;

  constructor(options: MediaThreadHandleOptions) {
    this.#options = options;
    this.#start();
  }

  get isAlive(): boolean {
    return this.#worker !== null;
  }

  /** Sessions, including those being opened. */
  get load(): number {
    return this.#links.size;
  }

  post(message: ToMediaThread): void {
    this.#worker?.post(message);
  }

  /** Has the thread bind a socket. Rejects with a retryable InfrastructureError when the thread dies meanwhile. */
  async open(request: OpenRequest, link: SessionLink): Promise<OpenResult> {
    if (this.#worker === null) throw new InfrastructureError('media thread is not running', { retryable: true });
    const { promise, resolve } = Promise.withResolvers<OpenResult>();
    this.#opening.set(request.sessionId, resolve);
    this.#links.set(request.sessionId, link);
    this.#worker.post({ type: 'open', ...request });
    return promise;
  }

  /** The thread's figures; null: it is not running. */
  figures(resetLateness: boolean): Promise<MediaThreadFigures | null> {
    if (this.#worker === null) return Promise.resolve(null);
    const { promise, resolve } = Promise.withResolvers<MediaThreadFigures | null>();
    this.#figuresWaiters.push(resolve);
    this.#worker.post({ type: 'read-figures', resetLateness });
    return promise;
  }

  /** Ends the thread; its sessions are lost. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#restartTimer?.cancel();
    await this.#worker?.terminate();
  }

  #start(): void {
    this.#startedMs = this.#options.clock.monotonic();
    const worker = this.#options.startWorker({
      onMessage: (message) => this.#receive(message),
      onEnd: (reason) => this.#onEnd(reason),
    });
    this.#worker = worker;
    for (const prompt of this.#options.prompts()) worker.post({ type: 'load-prompt', prompt });
  }

  #receive(message: FromMediaThread): void {
    switch (message.type) {
      case 'started':
        this.#options.logger.debug({ hasPriority: message.hasPriority }, 'media thread started');
        return;
      case 'figures':
        this.#figuresWaiters.shift()?.(message.figures);
        return;
      case 'opened':
        this.#settleOpen(message.sessionId, { isOpen: true });
        return;
      case 'open-failed':
        this.#links.delete(message.sessionId);
        this.#settleOpen(message.sessionId, { isOpen: false, code: message.code, reason: message.reason });
        return;
      case 'event':
        this.#links.get(message.sessionId)?.onEvent(message.event);
        return;
      case 'capture':
        this.#links.get(message.sessionId)?.onCapture(message.pcm);
        return;
      case 'closed': {
        const link = this.#links.get(message.sessionId);
        this.#links.delete(message.sessionId);
        link?.onClosed(message.stats, message.pcm);
        return;
      }
      case 'latched':
        this.#options.logger.info(
          { mediaSessionId: message.sessionId, announced: message.announced, actual: message.actual },
          'media comes from elsewhere than announced',
        );
        return;
      default:
        assertNever(message);
    }
  }

  #settleOpen(sessionId: number, result: OpenResult): void {
    this.#opening.get(sessionId)?.(result);
    this.#opening.delete(sessionId);
  }

  #onEnd(reason: string): void {
    const { clock, logger } = this.#options;
    this.#worker = null;
    const links = [...this.#links.entries()];
    this.#links.clear();
    for (const [sessionId, link] of links) {
      if (this.#opening.has(sessionId)) this.#settleOpen(sessionId, { isOpen: false, code: 'THREAD_ENDED', reason });
      else link.onLost(reason);
    }
    for (const waiter of this.#figuresWaiters.splice(0)) waiter(null);
    if (this.#isClosed) return;
    if (clock.monotonic() - this.#startedMs >= healthyAfterMs) this.#restartMs = firstRestartMs;
    logger.error({ reason, sessions: links.length, restartMs: this.#restartMs }, 'media thread died');
    this.#restartTimer = clock.setTimer(() => this.#start(), this.#restartMs);
    this.#restartMs = Math.min(longestRestartMs, this.#restartMs * 2);
  }
}
