import { Pool } from 'undici';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { AddressRule } from './address-rule.ts';
import { AddressRefusedError, guardedLookup, type NameResolver } from './guarded-lookup.ts';
import { literalAddress } from './url-problem.ts';

/** What came of a POST. */
export type PostResult = {
  /** Milliseconds from the beginning to the end of the answer, or to its being given up. */
  readonly tookMs: number;
  /** null: there was no answer. */
  readonly httpStatus: number | null;
  /** Why it does not count as delivered, at most 300 characters; null: it does. */
  readonly problem: string | null;
};

export type ReceiverOptions = {
  readonly rule: AddressRule;
  readonly clock: Clock;
  /** POSTs at once, each on a connection of its own. */
  readonly maxConnections: number;
  /** How long a POST may take, from the look-up of the name to the status of the answer. */
  readonly deadlineMs: number;
  readonly resolve?: NameResolver;
};

/** One URL that is posted to, over connections that are kept. */
export interface Receiver {
  /** Never rejects. The URL's answer is read up to a bound and dropped. */
  post(body: string, headers: Readonly<Record<string, string>>): Promise<PostResult>;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

/** A receiver who says more than this is hung up on. */
const longestAnswer = 65_536;
const longestProblem = 300;

/**
 * Opens nothing until the first POST. Any 2xx is a delivery. Redirects are not followed: what the first answer says is all that counts, for where it leads nobody
 * has set up. However the receiver behaves (does not accept, does not read, answers byte by byte or for ever), a POST ends with its deadline, and its connection with it.
 */
export function createReceiver(url: URL, options: ReceiverOptions): Receiver {
  const { clock, deadlineMs, rule, maxConnections, resolve } = options;
  const connect = { timeout: deadlineMs, lookup: guardedLookup(rule, resolve) };
  // The deadline is ours, and covers all: the pool's own timers are coarse, and each covers a part.
  const limits = {
    connections: maxConnections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16_384,
  };
  const pool = new Pool(url.origin, { ...limits, connect });
  const path = `${url.pathname}${url.search}`;
  // No look-up is made for what is an address already.
  const address = literalAddress(url);
  const refused = address !== null && !rule.allows(address) ? new AddressRefusedError(url.hostname, [address]) : null;

  async function post(body: string, headers: Readonly<Record<string, string>>): Promise<PostResult> {
    const startedAt = clock.monotonic();
    const tookMs = (): number => Math.round(clock.monotonic() - startedAt);
    if (refused !== null) return { tookMs: 0, httpStatus: null, problem: bounded(refused.message) };
    const abort = new AbortController();
    const timer = clock.setTimer(() => abort.abort(), deadlineMs);
    try {
      const answer = await pool.request({ path, method: 'POST', headers, body, signal: abort.signal });
      const { statusCode } = answer;
      // The status is what counts: an answer whose rest does not come, or comes for ever, has been given all the same.
      await answer.body.dump({ limit: longestAnswer }).catch(() => undefined);
      return { tookMs: tookMs(), httpStatus: statusCode, problem: problemOfStatus(statusCode) };
    } catch (error) {
      const problem = abort.signal.aborted ? `no answer within ${deadlineMs / 1000} s` : problemOf(error);
      return { tookMs: tookMs(), httpStatus: null, problem: bounded(problem) };
    } finally {
      timer.cancel();
    }
  }

  return { post, close: () => pool.destroy() };
}

function problemOfStatus(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `answered ${status}, and redirects are not followed`;
  return `answered ${status}`;
}

/** In words, where the system has only a code. */
function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return words[code] ?? messageOf(error);
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed while sending',
  EHOSTUNREACH: 'host not reachable',
  ENETUNREACH: 'network not reachable',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host could not be looked up',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_SOCKET: 'connection closed without an answer',
  UND_ERR_HEADERS_OVERFLOW: 'the answer has too many headers',
};

/** For the ledger and the log: without control characters, which a certificate or a server may have put there. */
function bounded(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, longestProblem);
}
