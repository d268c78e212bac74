import { type Answer, readAnswer } from './answer.ts';
import { CarillonConnectionError, CarillonError, CarillonTimeoutError } from './errors.ts';
import { signedHeaders } from './sign.ts';

/** For one call. */
export type CallOptions = {
  /** Ends the wait; the call rejects with the signal's reason. What the request changed meanwhile stays. */
  readonly signal?: AbortSignal | undefined;
  /** Instead of the client's own. */
  readonly timeoutMs?: number | undefined;
};

/** A request before it is signed. */
export type DialectRequest = {
  readonly method: 'GET' | 'POST';
  /** From behind the base URL on, with its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** It changes nothing, so that it may be sent again. */
  readonly isRead: boolean;
};

/** What the transport works with; all of it can be replaced in tests. */
export type TransportSettings = {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly fetch: typeof globalThis.fetch;
  /** Each try's own. */
  readonly timeoutMs: number;
  /** How often a read is sent again. */
  readonly readRetries: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Resolves after that time; rejects with the signal's reason as soon as it aborts. */
  readonly delay: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
};

const firstRetryMs = 200;
const longestRetryMs = 5000;
/** What a timer can hold; it would ring at once for more. */
const longestTimerMs = 2 ** 31 - 1;

/** Asked too often (docs/sms-dialect.md), and the platform's own trouble (contract 13.1). */
const passingCodes = new Set([-15, -18]);

/** 200 of something else than the platform, a proxy without patience, and one that was asked too often. */
const passingStatuses = new Set([200, 408, 429]);

/** Causes by which a connection never came about, as Node names them: nothing can have been changed. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Signs and sends requests, and sends reads again. */
export class Transport {
  readonly #settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  /**
   * The answer whatever its code, sent once. Rejects with {@link CarillonConnectionError} where there is none, and with a TypeError, without sending anything, where
   * the body is no JSON or the key fits into no header.
   */
  async send(url: string, request: DialectRequest, options: CallOptions = {}): Promise<Answer> {
    const init = this.#signed(request);
    const timeoutMs = options.timeoutMs ?? this.#settings.timeoutMs;
    const deadline = new Deadline(timeoutMs, options.signal);
    const endpoint = endpointOf(request);
    let httpStatus: number | null = null;
    try {
      const { fetch } = this.#settings;
      const response = await fetch(url, { ...init, signal: deadline.signal });
      httpStatus = response.status;
      const answer = readAnswer(httpStatus, await response.text());
      if (answer !== null) return answer;
    } catch (cause) {
      if (options.signal?.aborted) throw options.signal.reason;
      const isOutcomeUnknown = !request.isRead && !neverSent.has(codeOf(cause));
      const facts = { endpoint, httpStatus, isOutcomeUnknown, cause };
      if (deadline.isOver) throw new CarillonTimeoutError(timeoutMs, facts);
      throw new CarillonConnectionError('the connection failed', facts);
    } finally {
      deadline.clear();
    }
    const isOutcomeUnknown = !request.isRead && !isTurnedAway(httpStatus);
    const facts = { endpoint, httpStatus, isOutcomeUnknown, cause: undefined };
    throw new CarillonConnectionError(`HTTP ${httpStatus} without an answer of the dialect`, facts);
  }

  /** The answer of code 0; a read is sent again where the trouble may pass. Rejects with {@link CarillonError} on any other code. */
  async call(url: string, request: DialectRequest, options: CallOptions = {}): Promise<Answer> {
    for (let retry = 0; ; retry++) {
      try {
        const answer = await this.send(url, request, options);
        if (answer.code !== 0) throw new CarillonError(endpointOf(request), answer);
        return answer;
      } catch (error) {
        const isLast = !request.isRead || retry >= this.#settings.readRetries;
        if (isLast || !mayPass(error)) throw error;
        await this.#settings.delay(this.#retryMs(retry), options.signal);
      }
    }
  }

  #signed(request: DialectRequest): RequestInit {
    const { apiKey, apiSecret, now } = this.#settings;
    return {
      method: request.method,
      headers: new Headers(signedHeaders({ apiKey, apiSecret }, Math.floor(now() / 1000))),
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      // Not followed: a POST may end as a GET, and the credentials are not for whoever is there.
      redirect: 'manual',
    };
  }

  /** Twice as long each time, and drawn from its upper half, so that many clients do not come at once. */
  #retryMs(retry: number): number {
    return Math.min(firstRetryMs * 2 ** retry, longestRetryMs) * (0.5 + this.#settings.random() / 2);
  }
}

/** The signal of a request: aborted by the caller's, or when the time is over. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#controller.abort(this.#outer?.reason);
  isOver = false;

  constructor(timeoutMs: number, outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (timeoutMs <= longestTimerMs) {
      this.#timer = setTimeout(() => {
        this.isOver = true;
        this.#controller.abort();
      }, timeoutMs);
    }
    if (outer?.aborted) this.#onAbort();
    else outer?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }
}

/** Whether something before the platform answered, which has not let the request through: a redirect (0 in browsers), no such page, too many requests... */
function isTurnedAway(httpStatus: number): boolean {
  return httpStatus === 0 || (httpStatus >= 300 && httpStatus < 500 && httpStatus !== 408);
}

function mayPass(error: unknown): boolean {
  if (error instanceof CarillonError) return passingCodes.has(error.code);
  if (!(error instanceof CarillonConnectionError)) return false;
  const { httpStatus } = error;
  return httpStatus === null || passingStatuses.has(httpStatus) || httpStatus >= 500;
}

function endpointOf(request: DialectRequest): string {
  return `${request.method} ${request.path.split('?', 1)[0]}`;
}

/** The code of what fetch failed by, or ''. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
}
