import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Account, AccountChange, NewAccount } from './account.ts';

/** The account of an API key, enabled or not; null: none. */
export async function findAccountByApiKey(db: Db, apiKey: string): Promise<Account | null> {
  throw new BugError(`not written yet ${db} ${apiKey}`);
}
/** Throws `unknownEntry` when there is none. */
export async function getAccount(db: Db, accountId: number): Promise<Account> {
  throw new BugError(`not written yet ${db} ${accountId}`);
}
/** All accounts, oldest first. */
export async function listAccounts(db: Db): Promise<Account[]> {
  throw new BugError(`not written yet ${db}`);
}
/** Throws `nameTaken`, and `badParameter` for an unknown zone or a bad address. */
export async function createAccount(db: Db, fields: NewAccount): Promise<Account> {
  throw new BugError(`not written yet ${db} ${fields}`);
}
/** Changes what is given. Throws as {@link createAccount} and {@link getAccount} do. */
export async function updateAccount(db: Db, accountId: number, change: AccountChange): Promise<Account> {
  throw new BugError(`not written yet ${db} ${accountId} ${change}`);
}
