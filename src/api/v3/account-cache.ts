import type { Account } from '../../domain/account/account.ts';
import type { Clock } from '../../lib/clock.ts';
import { type KnownAccount, knownAccount } from './authenticate.ts';

/** Finds an account by its key in the database; null: none has it. */
export type AccountLookup = (apiKey: string) => Promise<Account | null>;

type Entry = { readonly found: Promise<KnownAccount | null>; readonly staleAt: number };

/** How long a change of an account may take to be seen. */
const lifetimeMs = 2000;
const mostEntries = 10_000;
const longestKey = 64;

/** Accounts by API key, remembered for two seconds, so that a busy client costs one query and not one per request. */
export class AccountCache {
  readonly #load: AccountLookup;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(load: AccountLookup, clock: Clock) {
    this.#load = load;
    this.#clock = clock;
  }

  /** null: no account has the key. Rejects when the database cannot be asked; that is not remembered. */
  find(apiKey: string | undefined): Promise<KnownAccount | null> {
    if (apiKey === undefined || apiKey === '' || apiKey.length > longestKey) return Promise.resolve(null);
    const now = this.#clock.monotonic();
    const entry = this.#entries.get(apiKey);
    if (entry !== undefined && entry.staleAt > now) return entry.found;
    const found = this.#ask(apiKey);
    this.#entries.delete(apiKey);
    this.#entries.set(apiKey, { found, staleAt: now + lifetimeMs });
    this.#dropOldest(now);
    return found;
  }

  async #ask(apiKey: string): Promise<KnownAccount | null> {
    try {
      const account = await this.#load(apiKey);
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
