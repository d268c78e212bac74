import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';

/** What a client names as `appId`. */
export type App = {
  /** The dialect's idxAppId. */
  readonly appSeq: number;
  /** 8 letters and digits. */
  readonly appId: string;
  readonly accountId: number;
  readonly name: string;
  readonly kind: 'voice' | 'sms';
  readonly createdAt: Date;
};

/** `appId` only to move an existing client here; otherwise generated. */
export type NewApp = {
  readonly accountId: number;
  readonly name: string;
  readonly kind: 'voice' | 'sms';
  readonly appId?: string;
};

/** Throws `nameTaken`, and `unknownEntry` for the account. */
export async function createApp(db: Db, fields: NewApp): Promise<App> {
  throw new BugError(`not written yet ${db} ${fields}`);
}
/** Apps of one account, or of all when null; oldest first. */
export async function listApps(db: Db, accountId: number | null): Promise<App[]> {
  throw new BugError(`not written yet ${db} ${accountId}`);
}
/** null: the account has no such app. */
export async function findApp(db: Db, accountId: number, appId: string): Promise<App | null> {
  throw new BugError(`not written yet ${db} ${accountId} ${appId}`);
}
