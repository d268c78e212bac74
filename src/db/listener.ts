import pg from 'pg';
import { createBackoff } from '../lib/backoff.ts';
import { type Clock, systemClock, type Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { systemRandom } from '../lib/random.ts';

/**
 * Called with each notification's payload, and with the empty string whenever the connection was lost and is back: something may have
 * been missed then, so look at the tables. Must not throw.
 */
export type NotificationHandler = (payload: string) => void;

/** LISTEN on a connection of its own, opened at the first `listen` and reopened with backoff for as long as it is not closed. */
export class Listener {
  readonly #config: pg.ClientConfig;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #backoff = createBackoff({ firstMs: 100, maxMs: 5000, random: systemRandom() });
  readonly #handlers = new Map<string, Set<NotificationHandler>>();
  #client: pg.Client | null = null;
  #opening: Promise<void> | null = null;
  #retry: Timer | null = null;
  #isClosed = false;
  #wasConnected = false;

  constructor(config: pg.ClientConfig, logger: Logger, clock: Clock = systemClock) {
    this.#config = config;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Resolves when the channel is listened to, or, if the server cannot be reached now, when that is known; it is retried then. */
  async listen(channel: string, handler: NotificationHandler): Promise<() => Promise<void>> {
    const handlers = this.#handlers.get(channel) ?? new Set();
    this.#handlers.set(channel, handlers.add(handler));
    if (this.#opening !== null) await this.#opening;
    if (this.#client) {
      await this.#execute(`listen ${pg.escapeIdentifier(channel)}`);
    } else if (!this.#retry) {
      await this.#open();
    }
    return async () => {
      handlers.delete(handler);
      if (handlers.size > 0 || this.#handlers.get(channel) !== handlers) return;
      this.#handlers.delete(channel);
      await this.#execute(`unlisten ${pg.escapeIdentifier(channel)}`);
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#retry?.cancel();
    await this.#opening;
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  #open(): Promise<void> {
    this.#opening = this.#connect().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(this.#config);
    client.on('error', (error) => this.#onLost(client, error));
    client.on('end', () => this.#onLost(client, null));
    client.on('notification', ({ channel, payload }) => this.#deliver(channel, payload ?? ''));
    try {
      await client.connect();
      for (const channel of this.#handlers.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      client.end().catch(() => undefined);
      this.#onLost(client, error);
      return;
    }
    this.#client = client;
    this.#backoff.reset();
    if (this.#wasConnected) {
      this.#logger.info('listening for notifications again');
      for (const channel of this.#handlers.keys()) this.#deliver(channel, '');
    }
    this.#wasConnected = true;
  }

  #onLost(client: pg.Client, error: unknown): void {
    if (this.#isClosed || this.#retry) return;
    if (this.#client !== null && this.#client !== client) return;
    this.#client = null;
    const delayMs = this.#backoff.next();
    this.#logger.warn({ err: error, delayMs }, 'notification connection lost, retrying');
    this.#retry = this.#clock.setTimer(() => {
      this.#retry = null;
      this.#open().catch((cause) => this.#logger.error({ err: cause }, 'reopening the notification connection failed'));
    }, delayMs);
  }

  #deliver(channel: string, payload: string): void {
    for (const handler of this.#handlers.get(channel) ?? []) handler(payload);
  }

  /** A failure is not the caller's: the connection is lost then, and reopening it listens to what is in `#handlers`. */
  async #execute(statement: string): Promise<void> {
    try {
      await this.#client?.query(statement);
    } catch (error) {
      this.#logger.warn({ err: error }, 'changing the listened channels failed');
    }
  }
}
