import type { Clock, Timer } from '../../lib/clock.ts';
import { assertNever } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type MediaPort, portKey } from './media-port.ts';
import type { MediaEvent, MediaStats, MediaThreadFigures } from './media-types.ts';
import type { MediaWorker, StartMediaWorker } from './media-worker.ts';
import type { PortPool } from './port-pool.ts';
import type { Recorder, RecorderRun } from './recording/recorder.ts';
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
  /** By address; begin empty, and take the ports whose sockets are bound and wait for a next session. */
  readonly idlePorts: ReadonlyMap<string, PortPool>;
  /** Once for each thread that comes to life. */
  readonly onStarted: (started: Extract<FromMediaThread, { type: 'started' }>) => void;
  /** The thread is gone, and its idle sockets with it. */
  readonly onPortsLost: (ports: readonly MediaPort[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** `code` as in the thread protocol, or THREAD_ENDED. */
export type BindResult =
  | { readonly isBound: true }
  | { readonly isBound: false; readonly code: string; readonly reason: string };

/** More sockets than this don't wait for a next session: each is a file descriptor. */
const mostIdleSockets = 2500;

const firstRestartMs = 100;
const longestRestartMs = 5000;
/** A thread that lived this long was healthy: the next restart is quick again. */
const healthyAfterMs = 10_000;

/** One media thread and the sessions on it. When the thread dies, its sessions are lost and another one is started, with growing delay. */
export class MediaThreadHandle {
  readonly #options: MediaThreadHandleOptions;
  readonly #links = new Map<number, SessionLink>();
  readonly #binding = new Map<string, (result: BindResult) => void>();
  #figuresWaiters: ((figures: MediaThreadFigures | null) => void)[] = [];
  #worker: MediaWorker | null = null;
  /** The run of the recorder thread that the worker has a line to. */
  #recorderRun: RecorderRun | null = null;
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

  /** Sessions, including those whose socket is being bound. */
  get load(): number {
    return this.#links.size + this.#binding.size;
  }

  post(message: ToMediaThread): void {
    this.#worker?.post(message);
  }

  /** Sees to it that the thread can hand over what it records. */
  connectRecorder(recorder: Recorder): void {
    const { run } = recorder;
    if (this.#worker === null || this.#recorderRun === run) return;
    this.#recorderRun = run;
    const line = recorder.connect(run);
    this.#worker.post({ type: 'recorder', line }, [line.port]);
  }

  /** Ports of an address whose socket is bound and has rested. */
  idlePortCount(host: string): number {
    return this.#worker === null ? 0 : (this.#options.idlePorts.get(host)?.available ?? 0);
  }

  /** A port of an address whose socket is bound and has rested; null: there is none. */
  takeIdlePort(host: string): number | null {
    return this.#worker === null ? null : (this.#options.idlePorts.get(host)?.take() ?? null);
  }

  /** Has the thread bind a socket. */
  bind(at: MediaPort): Promise<BindResult> {
    const { promise, resolve } = Promise.withResolvers<BindResult>();
    if (this.#worker === null) {
      resolve({ isBound: false, code: 'THREAD_ENDED', reason: 'media thread is not running' });
    } else {
      this.#binding.set(portKey(at), resolve);
      this.#worker.post({ type: 'bind', at });
    }
    return promise;
  }

  /** Keeps the socket of a session that has ended for a next one. False: it is gone, or unbound now. */
  keepPort(at: MediaPort, isReusable: boolean): boolean {
    const idlePorts = this.#options.idlePorts.get(at.host);
    if (this.#worker === null) return false;
    if (isReusable && idlePorts !== undefined && idlePorts.size < mostIdleSockets) {
      idlePorts.release(at.port);
      return true;
    }
    this.#worker.post({ type: 'unbind', at });
    return false;
  }

  /** A session on a bound port begins. */
  add(sessionId: number, link: SessionLink): void {
    this.#links.set(sessionId, link);
  }

  /** A session has ended of which the thread never heard. */
  forget(sessionId: number): void {
    this.#links.delete(sessionId);
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
        this.#options.onStarted(message);
        return;
      case 'figures':
        this.#figuresWaiters.shift()?.(message.figures);
        return;
      case 'bound':
        this.#settleBind(portKey(message.at), { isBound: true });
        return;
      case 'bind-failed':
        this.#settleBind(portKey(message.at), { isBound: false, code: message.code, reason: message.reason });
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
      case 'skipped':
        this.#options.logger.warn(
          { skippedMs: message.skippedMs, sessions: message.sessions },
          'media thread is overloaded: listeners hear gaps',
        );
        return;
      case 'latched':
        this.#options.logger.info(
          { mediaSessionId: message.sessionId, announced: message.announced, actual: message.actual },
          'media comes from elsewhere than announced',
        );
        this.#links.get(message.sessionId)?.onEvent({
          type: 'elsewhere',
          announced: message.announced,
          actual: message.actual,
        });
        return;
      default:
        assertNever(message);
    }
  }

  #settleBind(key: string, result: BindResult): void {
    this.#binding.get(key)?.(result);
    this.#binding.delete(key);
  }

  #onEnd(reason: string): void {
    const { clock, logger } = this.#options;
    this.#worker = null;
    this.#recorderRun = null;
    const links = [...this.#links.values()];
    this.#links.clear();
    for (const [host, idlePorts] of this.#options.idlePorts) {
      this.#options.onPortsLost(idlePorts.drop().map((port) => ({ host, port })));
    }
    for (const key of [...this.#binding.keys()])
      this.#settleBind(key, { isBound: false, code: 'THREAD_ENDED', reason });
    for (const link of links) link.onLost(reason);
    for (const waiter of this.#figuresWaiters.splice(0)) waiter(null);
    if (this.#isClosed) return;
    if (clock.monotonic() - this.#startedMs >= healthyAfterMs) this.#restartMs = firstRestartMs;
    logger.error({ reason, sessions: links.length, restartMs: this.#restartMs }, 'media thread died');
    this.#restartTimer = clock.setTimer(() => this.#start(), this.#restartMs);
    this.#restartMs = Math.min(longestRestartMs, this.#restartMs * 2);
  }
}
