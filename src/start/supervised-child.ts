import { type ChildProcess, fork } from 'node:child_process';
import { createBackoff } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { InfrastructureError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { systemRandom } from '../lib/random.ts';
import { failedReason, readyInfo } from './parent-link.ts';

export type SupervisedChildOptions = {
  readonly name: string;
  /** The program, a module of `src/start`. */
  readonly entry: URL;
  readonly environment: NodeJS.ProcessEnv;
  /** Where its standard output and error go: this process's own, or an open file. */
  readonly output: 'inherit' | number;
  /** How long it may take to stop by itself; then it is killed. */
  readonly stopLimitMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Up for so long, a child counts as well: its next end is not the continuation of the last one. */
const wellAfterMs = 60_000;

/**
 * A child process that is kept running: one that dies is started again, at once the first time, then with growing delays up to 30 s. It has a process
 * group of its own, so that a Ctrl-C reaches the supervisor alone, which stops its children in order.
 */
export class SupervisedChild {
  readonly #options: SupervisedChildOptions;
  readonly #backoff = createBackoff({ firstMs: 200, maxMs: 30_000, random: systemRandom() });
  #child: ChildProcess | null = null;
  #restart: Timer | null = null;
  #isStopping = false;

  constructor(options: SupervisedChildOptions) {
    this.#options = options;
  }

  /** The running child's process id; null while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /**
   * Starts it and waits for its ready message, whose info is returned. Rejects with its reason when it ends before: what fails at the very first
   * start would fail again, and somebody is looking now.
   */
  start(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#launch(
        (info) => resolve(info),
        (reason) => {
          const why = reason ?? 'its last message says why';
          reject(
            new InfrastructureError(`the ${this.#options.name} process did not start: ${why}`, { retryable: false }),
          );
        },
      );
    });
  }

  /** SIGTERM, and SIGKILL when that takes too long. Resolves when it is gone. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#restart?.cancel();
    const child = this.#child;
    if (child === null) return;
    const { clock, logger, name, stopLimitMs } = this.#options;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = clock.setTimer(() => {
      logger.error({ process: name, stopLimitMs }, 'process does not stop, killing it');
      child.kill('SIGKILL');
    }, stopLimitMs);
    await gone;
    timer.cancel();
  }

  /** Ends it at once. */
  kill(): void {
    this.#isStopping = true;
    this.#restart?.cancel();
    this.#child?.kill('SIGKILL');
  }

  #launch(onReady: (info: unknown) => void, onFailedStart: (reason: string | null) => void): void {
    const { entry, environment, output, clock, logger, name } = this.#options;
    const child = fork(entry, [], { env: environment, detached: true, stdio: ['ignore', output, output, 'ipc'] });
    this.#child = child;
    const startedAt = clock.monotonic();
    let isReady = false;
    let reason: string | null = null;
    child.on('message', (message) => {
      reason ??= failedReason(message);
      const info = readyInfo(message);
      if (info === null || isReady) return;
      isReady = true;
      onReady(info);
    });
    child.on('error', (error) =>
      logger.error({ err: error, process: name }, 'process could not be started or reached'),
    );
    child.once('exit', (code, signal) => {
      this.#child = null;
      if (this.#isStopping) return onFailedStart(null);
      logger.error({ process: name, code, signal }, 'process ended unexpectedly');
      if (!isReady) return onFailedStart(reason);
      if (clock.monotonic() - startedAt > wellAfterMs) this.#backoff.reset();
      this.#relaunch();
    });
  }

  #relaunch(): void {
    const { clock, logger, name } = this.#options;
    const delayMs = this.#backoff.next();
    this.#restart = clock.setTimer(() => {
      if (this.#isStopping) return;
      logger.warn({ process: name }, 'starting the process again');
      this.#launch(
        () => logger.info({ process: name }, 'process is back'),
        () => {
          if (!this.#isStopping) this.#relaunch();
        },
      );
    }, delayMs);
  }
}
