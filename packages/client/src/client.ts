import type { Answer } from './answer.ts';
import { readBaseUrl } from './base-url.ts';
import { Connection } from './connection.ts';
import { delay } from './delay.ts';
import { DirectCalls } from './direct-calls.ts';
import { RecallFlows } from './recall-flows.ts';
import { Records } from './records.ts';
import { Tasks } from './tasks.ts';
import { TextMessages } from './text-messages.ts';
import { type CallOptions, Transport } from './transport.ts';
import { VoiceFiles } from './voice-files.ts';
import type { Balance } from './wire/balance.ts';

export type CarillonClientOptions = {
  /** What comes before `/voice/...`, e.g. `http://127.0.0.1:8080/v3` or `https://api.laaffic.com/v3`; also without `/v3`. */
  readonly baseUrl: string;
  /** Below what balance and SMS are, whether `baseUrl` has it or not; default `/v3`, and `/sms` at one of the vendor's platforms. */
  readonly accountPath?: '/v3' | '/sms';
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Instead of the platform's own. */
  readonly fetch?: typeof globalThis.fetch;
  /** For an answer; default 30,000; Infinity: as long as it takes. Each try has it anew. */
  readonly timeoutMs?: number;
  /** How often a read that failed by a fault that may pass is sent again; default 2. What changes something is never sent again. */
  readonly readRetries?: number;
  /** Milliseconds since the epoch, for `Timestamp`; default `Date.now`. */
  readonly now?: () => number;
};

/**
 * A client of the dialect, for Carillon and for the platform that the dialect comes from. Fields are as they are on the wire; what is refused rejects with
 * `CarillonError`, what is not answered with `CarillonConnectionError`.
 */
export class CarillonClient {
  readonly #transport: Transport;
  readonly #baseUrl: string;
  readonly #account: Connection;
  readonly tasks: Tasks;
  readonly recallFlows: RecallFlows;
  readonly files: VoiceFiles;
  readonly direct: DirectCalls;
  readonly records: Records;
  readonly sms: TextMessages;

  /** Throws a TypeError where the base URL is none, or key or secret are missing. */
  constructor(options: CarillonClientOptions) {
    this.#baseUrl = readBaseUrl(options.baseUrl);
    // Plain JavaScript has undefined here where a variable of the environment is not set.
    if (!options.apiKey || !options.apiSecret) throw new TypeError('apiKey and apiSecret are needed');
    this.#transport = new Transport({
      apiKey: options.apiKey,
      apiSecret: options.apiSecret,
      // Called as a method of anything else, a browser's fetch refuses.
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      timeoutMs: options.timeoutMs ?? 30_000,
      readRetries: options.readRetries ?? 2,
      now: options.now ?? Date.now,
      random: Math.random,
      delay,
    });
    const voice = new Connection(this.#transport, this.#baseUrl);
    const accountUrl = this.#baseUrl.replace(/\/v3$/, '') + (options.accountPath ?? '/v3');
    this.#account = new Connection(this.#transport, accountUrl);
    this.tasks = new Tasks(voice);
    this.recallFlows = new RecallFlows(voice);
    this.files = new VoiceFiles(voice);
    this.direct = new DirectCalls(voice);
    this.records = new Records(voice);
    this.sms = new TextMessages(this.#account);
  }

  /** getBalance (contract 12.1). */
  async getBalance(options?: CallOptions): Promise<Balance> {
    const { body } = await this.#account.get('/getBalance', options);
    const text = (name: string): string | null => {
      const value = body[name] ?? null;
      return value === null ? null : String(value);
    };
    return {
      balance: text('balance') ?? '0',
      gift: text('gift') ?? '0',
      credit: text('credit') ?? '0',
      reserved: text('reserved'),
      available: text('available'),
      currency: text('currency'),
    };
  }

  /**
   * A signed request that is not among the others, sent once: `path` from behind the base URL on. Resolves to the answer whatever its code; rejects where there is
   * none.
   */
  request(method: 'GET' | 'POST', path: string, body?: unknown, options?: CallOptions): Promise<Answer> {
    const request = { method, path, isRead: method === 'GET', ...(body !== undefined && { body }) };
    return this.#transport.send(this.#baseUrl + path, request, options);
  }
}
