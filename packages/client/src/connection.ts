import { type Answer, wholeNumber } from './answer.ts';
import { CarillonConnectionError } from './errors.ts';
import type { CallOptions, Transport } from './transport.ts';
import type { Page, PageRequest } from './wire/page.ts';

/** The longest page there is (contract 1.4). */
const longestPage = 100;

/** A base URL with a transport: what the areas of the client call by. */
export class Connection {
  readonly #transport: Transport;
  /** Without a slash at its end. */
  readonly #baseUrl: string;

  constructor(transport: Transport, baseUrl: string) {
    this.#transport = transport;
    this.#baseUrl = baseUrl;
  }

  /** Asks for something; sent again where that may help. `path` from behind the base URL on. */
  get(path: string, options?: CallOptions): Promise<Answer> {
    return this.#transport.call(this.#baseUrl + path, { method: 'GET', path, isRead: true }, options);
  }

  /** Asks for something by POST, as most queries of the dialect are. */
  async query<T>(path: string, body: unknown, options?: CallOptions): Promise<T> {
    const request = { method: 'POST', path, body, isRead: true } as const;
    return (await this.#transport.call(this.#baseUrl + path, request, options)).data as T;
  }

  /** Changes something; sent once, whatever comes of it. */
  post(path: string, body: unknown, options?: CallOptions): Promise<Answer> {
    return this.#transport.call(this.#baseUrl + path, { method: 'POST', path, body, isRead: false }, options);
  }

  /** The same, for what is answered in `data`. */
  async change<T>(path: string, body: unknown, options?: CallOptions): Promise<T> {
    return (await this.post(path, body, options)).data as T;
  }

  /** Changes something that answers an id, which comes as a number or as digits. */
  async create(path: string, body: unknown, options?: CallOptions): Promise<number> {
    const id = wholeNumber(await this.change<unknown>(path, body, options));
    if (id !== null) return id;
    const facts = { endpoint: `POST ${path}`, httpStatus: 200, isOutcomeUnknown: true, cause: undefined };
    throw new CarillonConnectionError('the answer has no id', facts);
  }

  /** One page. */
  page<T>(path: string, request: PageRequest & { readonly params?: unknown }, options?: CallOptions): Promise<Page<T>> {
    return this.query(path, request, options);
  }

  /** All records of all pages, one page asked for at a time. */
  async *each<T>(path: string, params: unknown, options?: CallOptions): AsyncGenerator<T, void, undefined> {
    for (let current = 1; ; current++) {
      const request = { current, size: longestPage, ...(params !== undefined && { params }) };
      const { records, pages } = await this.page<T>(path, request, options);
      yield* records;
      if (records.length === 0 || current >= Number(pages)) return;
    }
  }
}
