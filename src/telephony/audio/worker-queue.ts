import { type Transferable, Worker } from 'node:worker_threads';
import { type Clock, systemClock, type Timer } from '../../lib/clock.ts';
import { InfrastructureError } from '../../lib/errors.ts';

/** What a worker answers to one request. A failure is a value; what it means is between the two sides. */
export type WorkerReply<Response, Failure> =
  | { readonly ok: true; readonly value: Response }
  | { readonly ok: false; readonly failure: Failure };

export type WorkerQueueOptions = {
  /** The worker's file; see {@link siblingEntry}. It answers every message with one {@link WorkerReply}, in order. */
  readonly entry: URL;
  /** Most requests that wait while one is worked on. */
  readonly capacity: number;
  /** Longest time for one request; after it the worker is ended. */
  readonly timeoutMs: number;
  readonly clock?: Clock;
};

/** A request took longer than it may; the same one would again. */
export class WorkerTimeoutError extends InfrastructureError {
  constructor() {
    super('worker thread took too long', { retryable: false });
    this.name = 'WorkerTimeoutError';
  }
}

type Job<Response, Failure> = {
  readonly request: unknown;
  readonly transfer: readonly Transferable[];
  readonly signal: AbortSignal | null;
  readonly resolve: (reply: WorkerReply<Response, Failure>) => void;
  readonly reject: (error: unknown) => void;
  readonly onAbort: () => void;
};

/** A file beside the caller's that a worker runs: `.ts` from source, `.js` when built. */
export function siblingEntry(moduleUrl: string, name: string): URL {
  return new URL(`./${name}${moduleUrl.endsWith('.ts') ? '.ts' : '.js'}`, moduleUrl);
}

/**
 * CPU-bound work on one worker thread, one request at a time, in order. The thread starts with the first request, keeps the process alive only
 * while it works, and is replaced when it died or was ended.
 */
export class WorkerQueue<Request, Response, Failure> {
  readonly #options: WorkerQueueOptions;
  readonly #clock: Clock;
  readonly #waiting: Job<Response, Failure>[] = [];
  #current: Job<Response, Failure> | null = null;
  #worker: Worker | null = null;
  #timeout: Timer | null = null;
  #isClosed = false;

  constructor(options: WorkerQueueOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Has a request worked on. Rejects with an InfrastructureError when the queue is full (retryable), the worker died or took too long, or
   * the queue was closed; with the signal's reason when aborted. Abort drops a waiting request, and ends the worker in the middle of one.
   */
  run(
    request: Request,
    transfer: readonly Transferable[],
    signal: AbortSignal | null,
  ): Promise<WorkerReply<Response, Failure>> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new InfrastructureError('worker queue is closed', { retryable: false }));
      if (signal?.aborted === true) return reject(signal.reason);
      if (this.#waiting.length >= this.#options.capacity) {
        return reject(new InfrastructureError('worker queue is full', { retryable: true }));
      }
      const job: Job<Response, Failure> = {
        request,
        transfer,
        signal,
        resolve,
        reject,
        onAbort: () => this.#abort(job),
      };
      signal?.addEventListener('abort', job.onAbort, { once: true });
      this.#waiting.push(job);
      this.#next();
    });
  }

  /** Rejects what waits or is worked on and ends the worker. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const jobs = this.#current === null ? this.#waiting : [this.#current, ...this.#waiting];
    this.#current = null;
    this.#timeout?.cancel();
    for (const job of jobs.splice(0)) {
      this.#settle(job).reject(new InfrastructureError('worker queue is closed', { retryable: false }));
    }
    this.#waiting.length = 0;
    await this.#dropWorker();
  }

  #next(): void {
    if (this.#current !== null) return;
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#worker?.unref();
      return;
    }
    this.#current = job;
    this.#worker ??= this.#startWorker();
    this.#worker.ref();
    this.#timeout = this.#clock.setTimer(() => this.#fail(new WorkerTimeoutError()), this.#options.timeoutMs);
    this.#worker.postMessage(job.request, job.transfer);
  }

  #startWorker(): Worker {
    // What a decoder prints about bad input is of no use to anybody; crashes come as events.
    const worker = new Worker(this.#options.entry, { stderr: true });
    worker.stderr.resume();
    worker.on('message', (reply: WorkerReply<Response, Failure>) => {
      const job = this.#takeCurrent();
      job?.resolve(reply);
      this.#next();
    });
    worker.on('error', (error) => {
      if (worker === this.#worker) this.#fail(died('failed', error));
    });
    worker.on('exit', () => {
      if (worker === this.#worker) this.#fail(died('ended'));
    });
    return worker;
  }

  #abort(job: Job<Response, Failure>): void {
    if (job === this.#current) {
      this.#takeCurrent();
      void this.#dropWorker();
    } else {
      this.#waiting.splice(this.#waiting.indexOf(job), 1);
    }
    this.#settle(job).reject(job.signal?.reason);
    this.#next();
  }

  #fail(error: InfrastructureError): void {
    const job = this.#takeCurrent();
    void this.#dropWorker();
    job?.reject(error);
    this.#next();
  }

  #takeCurrent(): Job<Response, Failure> | null {
    const job = this.#current;
    this.#current = null;
    this.#timeout?.cancel();
    return job === null ? null : this.#settle(job);
  }

  #settle(job: Job<Response, Failure>): Job<Response, Failure> {
    job.signal?.removeEventListener('abort', job.onAbort);
    return job;
  }

  async #dropWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }
}

function died(how: string, cause?: unknown): InfrastructureError {
  return new InfrastructureError(`worker thread ${how}`, { retryable: true, cause });
}
