import type { Account } from '../../domain/account/account.ts';
import type { Literals } from './envelope.ts';
import type { LocalTime } from './local-time.ts';

/** One authenticated request to an endpoint of the dialect. */
export type DialectCall = {
  readonly account: Account;
  /** The parsed JSON; undefined for a GET. */
  readonly body: unknown;
  /** The query's parameters; of one that is given twice, the last. */
  readonly query: Readonly<Record<string, string>>;
  /** Scheme and host that the request was sent to, as far as it says so. */
  readonly origin: string;
  /** The parts of the path that the endpoint names, e.g. `id`. */
  readonly params: Readonly<Record<string, string>>;
  /** The account's time zone. */
  readonly time: LocalTime;
  /** Milliseconds since the epoch when the request was taken. */
  readonly now: number;
};

type Method = 'GET' | 'POST';

/** How one endpoint of the dialect is served. `handle` resolves to the answer's `data`, or throws a RequestError. */
export type Endpoint = {
  /** Or more than one, where the pages say so. */
  readonly method: Method | readonly Method[];
  /** Below the prefix that it is mounted at, in the router's syntax. */
  readonly path: string;
  readonly literals: Literals;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly handle: (call: DialectCall) => Promise<unknown>;
  /** Whether the fields of the data, then an object, are beside the result, too. */
  readonly isFlat?: boolean;
  /** Whether a disabled account is told so (-13), once its signature is right, instead of that its key is unknown. */
  readonly tellsLock?: boolean;
};

const oneMiB = 1024 * 1024;

/** Most requests fit here. */
export const usualBodyLimit = oneMiB;
/** A file of 20 MB in Base64, and what is around it. */
export const uploadBodyLimit = 30 * oneMiB;
/** 200,000 callees with ten variables each. */
export const sendBodyLimit = 128 * oneMiB;
