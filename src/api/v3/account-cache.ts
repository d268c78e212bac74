import type { Db } from '../../db/tables.ts';
import { findAccountByApiKey } from '../../domain/account/account-store.ts';
import type { Clock } from '../../lib/clock.ts';
import { type KnownAccount, knownAccount } from './authenticate.ts';

type Entry = { readonly found: Promise<KnownAccount | null>; readonly staleAt: number };

/** How long a change of an account may take to be seen. */
const lifetimeMs = 2000;
const mostEntries = 10_000;
const longestKey = 64;

/** Accounts by API key, remembered for two seconds, so that a busy client costs one query and not one per request. */
export class AccountCache {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** null: no account has the key. Rejects when the database cannot be asked; that is not remembered. */
  find(apiKey: string | undefined): Promise<KnownAccount | null> {
    if (apiKey === undefined || apiKey === '' || apiKey.length > longestKey) return Promise.resolve(null);
    const now = this.#clock.monotonic();
    const entry = this.#entries.get(apiKey);
    if (entry !== undefined && entry.staleAt > now) return entry.found;
    const found = this.#load(apiKey);
    this.#entries.delete(apiKey);
    this.#entries.set(apiKey, { found, staleAt: now + lifetimeMs });
    this.#dropOldest(now);
    return found;
  }

  async #load(apiKey: string): Promise<KnownAccount | null> {
    try {
      const account = await findAccountByApiKey(this.#db, apiKey);
      return account === null ? null : knownAccount(account);
    } catch (error) {
      this.#entries.delete(apiKey);
      throw error;
    }
  }

  /** Entries are in the order of their making, so stale ones come first. */
  #dropOldest(now: number): void {
    for (const [apiKey, entry] of this.#entries) {
      if (entry.staleAt > now && this.#entries.size <= mostEntries) return;
      this.#entries.delete(apiKey);
    }
  }
}
