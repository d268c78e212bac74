import type { Timer } from '../../lib/clock.ts';
import type { HttpSettings } from '../channel-settings.ts';
import { Pace } from '../pace.ts';
import {
  type OutgoingSms,
  refusedForNow,
  type SmsSendResult,
  type SmsTransport,
  type SmsTransportHost,
  type SmsTransportState,
} from '../sms-transport.ts';
import { type Health, receiptsOf, resultsOf } from './answers.ts';
import { exchange } from './exchange.ts';

/** Numbers in one request; the dialect allows 1,000 (docs/sms-dialect.md), and the fewer there are the less is `unknown` at once. */
const numbersAtOnce = 100;
/** Messages in one `getReport`, which allows 200. */
const receiptsAtOnce = 200;
const requestsAtOnce = 4;

type Waiting = { readonly message: OutgoingSms; readonly resolve: (result: SmsSendResult) => void };

/**
 * Sends over the dialect's own `sendSms`, and asks `getReport` what became of it. Messages of the same text and sender that wait together share a request, with
 * our message ids as `orderId`, by which the answer is read.
 */
export class HttpTransport implements SmsTransport {
  readonly window = numbersAtOnce * requestsAtOnce;
  readonly #settings: HttpSettings;
  readonly #host: SmsTransportHost;
  readonly #pace: Pace;
  readonly #waiting: Waiting[] = [];
  readonly #requests = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #state: SmsTransportState = { state: 'connecting', reason: null };
  #pollTimer: Timer | null = null;
  #polling: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(settings: HttpSettings, host: SmsTransportHost) {
    this.#settings = settings;
    this.#host = host;
    this.#pace = new Pace(host.clock, host.maxTps);
  }

  get state(): SmsTransportState {
    return this.#state;
  }

  start(): void {
    this.#schedulePoll();
  }

  async send(message: OutgoingSms): Promise<SmsSendResult> {
    // Closing may have begun in the very moment of its turn.
    if (!(await this.#pace.turn()) || this.#isClosed) return closing;
    const { promise, resolve } = Promise.withResolvers<SmsSendResult>();
    this.#waiting.push({ message, resolve });
    // Those whose turn comes in the same moment go together.
    if (this.#waiting.length === 1) this.#host.clock.setTimer(() => this.#sendWaiting(), 0);
    return promise;
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#isClosed = true;
    this.#pollTimer?.cancel();
    this.#pace.close();
    for (const { resolve } of this.#waiting.splice(0)) resolve(closing);
    const abort = (): void => this.#closing.abort();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    await Promise.all([...this.#requests, this.#polling]);
    signal.removeEventListener('abort', abort);
  }

  #sendWaiting(): void {
    while (this.#requests.size < requestsAtOnce && this.#waiting.length > 0) {
      const request = this.#sendTogether(this.#takeGroup()).finally(() => {
        this.#requests.delete(request);
        this.#sendWaiting();
      });
      this.#requests.add(request);
    }
  }

  /** The first that waits and those that may go with it: same text, same sender, another number. */
  #takeGroup(): Waiting[] {
    const group: Waiting[] = [];
    const numbers = new Set<string>();
    const first = this.#waiting[0]?.message;
    const stay = this.#waiting.filter((candidate) => {
      const { from, text, to } = candidate.message;
      const fits = group.length < numbersAtOnce && from === first?.from && text === first.text && !numbers.has(to);
      if (!fits) return true;
      numbers.add(to);
      group.push(candidate);
      return false;
    });
    this.#waiting.splice(0, this.#waiting.length, ...stay);
    return group;
  }

  async #sendTogether(group: readonly Waiting[]): Promise<void> {
    const messages = group.map(({ message }) => message);
    const [first] = messages;
    if (first === undefined) return;
    const body = JSON.stringify({
      appId: this.#settings.appId,
      numbers: messages.map(({ to }) => to).join(','),
      content: first.text,
      ...(first.from !== null && { senderId: first.from }),
      orderId: messages.map(({ messageId }) => messageId).join(','),
    });
    const { results, health } = resultsOf(await this.#exchange('POST', '/sendSms', body), messages);
    this.#learn(health);
    for (const [index, { resolve }] of group.entries()) resolve(results[index] ?? closing);
  }

  #exchange(method: 'GET' | 'POST', path: string, body: string | null) {
    const { baseUrl, timeoutMs } = this.#settings;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]);
    const url = new URL(`${baseUrl}${path}`);
    return exchange({ method, url, body, credentials: this.#settings, now: this.#host.clock.now(), signal });
  }

  #learn({ isUp, reason }: Health): void {
    const state = isUp ? 'up' : 'down';
    if (state !== this.#state.state) this.#host.logger.info({ state, reason }, 'SMS channel changed its state');
    this.#state = { state, reason };
  }

  #schedulePoll(): void {
    if (this.#isClosed) return;
    this.#pollTimer = this.#host.clock.setTimer(() => {
      this.#polling = this.#poll()
        .catch((error: unknown) => this.#host.logger.warn({ err: error }, 'asking for receipts failed, trying again'))
        .finally(() => this.#schedulePoll());
    }, this.#settings.pollMs);
  }

  /** Asks for all that have no receipt yet. */
  async #poll(): Promise<void> {
    let after: string | null = null;
    while (!this.#isClosed) {
      const ids: readonly string[] = await this.#host.receiptsDue(after, receiptsAtOnce);
      if (ids.length === 0) return;
      const query = new URLSearchParams({ appId: this.#settings.appId, msgIds: ids.join(',') });
      const { receipts, health } = receiptsOf(await this.#exchange('GET', `/getReport?${query}`, null));
      this.#learn(health);
      await Promise.all(receipts.map((receipt) => this.#host.onReceipt(receipt)));
      if (ids.length < receiptsAtOnce || !health.isUp) return;
      after = ids.at(-1) ?? null;
    }
  }
}

const closing = refusedForNow('the channel is being closed');
