import { isIP } from 'node:net';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { assert, InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { CodecName } from '../audio/codec.ts';
import type { SocketKind } from './choose-sockets.ts';
import type { MediaPort } from './media-port.ts';
import { ThreadedMediaSession } from './media-session.ts';
import { MediaThreadHandle } from './media-thread-handle.ts';
import type {
  MediaFiguresOptions,
  MediaObserver,
  MediaOpenOptions,
  MediaService,
  MediaSession,
  MediaThreadFigures,
  PromptPcm,
} from './media-types.ts';
import { type StartMediaWorker, startMediaWorker } from './media-worker.ts';
import { PortPool, type PortRange } from './port-pool.ts';
import { PromptStore } from './prompt-store.ts';
import { Recorder } from './recording/recorder.ts';

export type MediaServiceOptions = {
  /** Literal addresses that sockets are bound to: one of either family, or one of each, the preferred first. */
  readonly hosts: readonly string[];
  /** UDP ports for RTP, inclusive; the even ones are used. */
  readonly portRange: PortRange;
  /** Media threads, at least 1. What one carries: `bench/media.ts` and `bench/media-thread.ts`. */
  readonly threads: number;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** What recordings leave free of their disk, bytes; default 0. */
  readonly recordingMinFreeBytes?: number;
  /** How long a port rests after its session; default 5000. */
  readonly portDrainMs?: number;
  /** Length of the schedule's slots, default 1: twenty of them in 20 ms. For measurements. */
  readonly tickMs?: number;
  /** Which sockets the threads have, if they can; default: system calls. For measurements and tests. */
  readonly sockets?: SocketKind;
  /** For tests. */
  readonly startWorker?: StartMediaWorker;
};

/** Starts the media threads. Rejects with an InfrastructureError when a host is not a literal address. */
export async function createMediaService(options: MediaServiceOptions): Promise<MediaService> {
  assert(options.threads >= 1, 'a media service has at least one thread');
  const { hosts } = options;
  for (const host of hosts) {
    if (isIP(host) === 0) throw new InfrastructureError(`RTP host is not an IP address: ${host}`, { retryable: false });
  }
  assert(hosts.length > 0 && new Set(hosts.map(isIP)).size === hosts.length, 'one address of a family');
  return new ThreadedMediaService(options);
}

class ThreadedMediaService implements MediaService {
  readonly #hosts: readonly string[];
  /** By address. */
  readonly #ports: ReadonlyMap<string, PortPool>;
  readonly #prompts: PromptStore;
  readonly #recorder: Recorder;
  readonly #threads: MediaThreadHandle[];
  #nextSessionId = 1;
  #areSocketsTold = false;
  #isClosed = false;

  constructor(options: MediaServiceOptions) {
    const { logger, clock = systemClock, tickMs = 1, portDrainMs = 5000, sockets = 'system calls' } = options;
    this.#hosts = options.hosts;
    const pools = (range: PortRange | null) =>
      new Map(this.#hosts.map((host) => [host, new PortPool(range, portDrainMs, clock)]));
    this.#ports = pools(options.portRange);
    this.#recorder = new Recorder({ minFreeBytes: options.recordingMinFreeBytes ?? 0, logger });
    this.#prompts = new PromptStore({
      onLoaded: (prompt) => this.#tellAll({ type: 'load-prompt', prompt }),
      onUnloaded: (promptKey) => this.#tellAll({ type: 'unload-prompt', promptKey }),
    });
    const startWorker = options.startWorker ?? ((observer) => startMediaWorker(observer, { tickMs, sockets }));
    this.#threads = Array.from(
      { length: options.threads },
      (_, thread) =>
        new MediaThreadHandle({
          startWorker,
          prompts: () => this.#prompts.loaded,
          idlePorts: pools(null),
          onStarted: ({ sockets: kind, reason }) => this.#tellSockets(logger, kind, reason),
          onPortsLost: (ports) => {
            for (const port of ports) this.#release(port);
          },
          clock,
          logger: logger.child({ mediaThread: thread }),
        }),
    );
  }

  get room(): number {
    return Math.min(...this.#hosts.map((host) => this.#roomOn(host)));
  }

  async open(observer: MediaObserver, options: MediaOpenOptions = {}): Promise<MediaSession> {
    if (this.#isClosed) throw closedError();
    const { captureMs = 0, family } = options;
    const host = this.#hosts.find((candidate) => family === undefined || isIP(candidate) === family);
    if (host === undefined) {
      throw new InfrastructureError(`no address for audio over IPv${family}`, { retryable: false });
    }
    const idle = this.#takeIdle(host);
    if (idle !== null) return this.#begin(idle, observer, captureMs);
    // One try per port: where every port is taken by others, that is the end of it.
    for (let attempts = this.#ports.get(host)?.available ?? 0; attempts > 0; attempts -= 1) {
      const bound = await this.#tryBind(host);
      if (this.#isClosed) throw closedError();
      if (bound !== null) return this.#begin(bound, observer, captureMs);
    }
    throw new InfrastructureError('no RTP port is free', { retryable: true });
  }

  expectCodecs(codecs: readonly CodecName[]): void {
    this.#prompts.expect(codecs);
  }

  loadPrompt(prompt: PromptPcm): Promise<void> {
    return this.#prompts.load(prompt);
  }

  unloadPrompt(promptKey: string): void {
    this.#prompts.unload(promptKey);
  }

  async figures(options: MediaFiguresOptions = {}): Promise<readonly MediaThreadFigures[]> {
    const reset = options.resetLateness ?? false;
    const figures = await Promise.all(this.#threads.map((thread) => thread.figures(reset)));
    return figures.filter((figure) => figure !== null);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#prompts.close(), ...this.#threads.map((thread) => thread.close())]);
    await this.#recorder.close();
  }

  #begin({ thread, at }: BoundPort, observer: MediaObserver, captureMs: number): MediaSession {
    const sessionId = this.#nextSessionId;
    this.#nextSessionId += 1;
    const session = new ThreadedMediaSession({
      sessionId,
      at,
      thread,
      captureMs,
      prompts: this.#prompts,
      recorder: this.#recorder,
      observer: (event) => {
        if (!this.#isClosed) observer(event);
      },
      onGone: (isReusable) => {
        if (!thread.keepPort(at, isReusable)) this.#release(at);
      },
    });
    thread.add(sessionId, session);
    return session;
  }

  /** A socket that an earlier session left: on the least loaded thread, or, where no port is left to bind, on any. */
  #takeIdle(host: string): BoundPort | null {
    const best = this.#leastLoaded();
    const isAnyLeft = (this.#ports.get(host)?.available ?? 0) > 0;
    const threads = isAnyLeft ? [best] : [best, ...this.#threads];
    for (const thread of threads) {
      const port = thread.takeIdlePort(host);
      if (port !== null) return { thread, at: { host, port } };
    }
    return null;
  }

  /** Null: the port is taken by someone else. */
  async #tryBind(host: string): Promise<BoundPort | null> {
    const thread = this.#leastLoaded();
    const port = this.#ports.get(host)?.take() ?? null;
    if (port === null) return null;
    const at = { host, port };
    const result = await thread.bind(at);
    if (result.isBound) return { thread, at };
    this.#release(at);
    if (result.code === 'EADDRINUSE' || result.code === 'EACCES') return null;
    const retryable = result.code === 'THREAD_ENDED' || result.code === 'EMFILE';
    throw new InfrastructureError(`RTP port ${port} could not be bound: ${result.reason}`, { retryable });
  }

  #release({ host, port }: MediaPort): void {
    this.#ports.get(host)?.release(port);
  }

  #roomOn(host: string): number {
    const unbound = this.#ports.get(host)?.available ?? 0;
    return this.#threads.reduce((sum, thread) => sum + thread.idlePortCount(host), unbound);
  }

  #leastLoaded(): MediaThreadHandle {
    const alive = this.#threads.filter((thread) => thread.isAlive);
    const first = alive[0];
    if (first === undefined) throw new InfrastructureError('no media thread is running', { retryable: true });
    return alive.reduce((best, thread) => (thread.load < best.load ? thread : best), first);
  }

  /** Once: all threads have the same. */
  #tellSockets(logger: Logger, sockets: SocketKind, reason: string | null): void {
    if (this.#areSocketsTold) return;
    this.#areSocketsTold = true;
    logger.info({ sockets, ...(reason === null ? {} : { reason }) }, 'media threads have their sockets');
  }

  #tellAll(message: Parameters<MediaThreadHandle['post']>[0]): void {
    for (const thread of this.#threads) thread.post(message);
  }
}

type BoundPort = { readonly thread: MediaThreadHandle; readonly at: MediaPort };

function closedError(): InfrastructureError {
  return new InfrastructureError('media service is closed', { retryable: false });
}
