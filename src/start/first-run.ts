import { sql } from 'kysely';
import type { Db } from '../db/tables.ts';
import { createAccount, listAccounts } from '../domain/account/account-store.ts';
import { createApp } from '../domain/app/app-store.ts';

/** What a client needs to begin with. */
export type FirstAccount = {
  readonly name: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly appId: string;
};

/** Makes the account `default` with a voice app when there is no account at all. Returns it then, null otherwise. */
export async function ensureFirstAccount(db: Db): Promise<FirstAccount | null> {
  return db.transaction().execute(async (transaction) => {
    // Two supervisors may start on one database.
    await sql`select pg_advisory_xact_lock(hashtext('carillon first run'))`.execute(transaction);
    if ((await listAccounts(transaction)).length > 0) return null;
    const account = await createAccount(transaction, { name: 'default' });
    const app = await createApp(transaction, { accountId: account.accountId, name: 'default', kind: 'voice' });
    return { name: account.name, apiKey: account.apiKey, apiSecret: account.apiSecret, appId: app.appId };
  });
}

/** The block that shows what was made, once; empty when nothing was. */
export function describeFirstRun(account: FirstAccount | null, newAdminToken: string | null): string {
  const lines: string[] = [];
  if (account !== null) {
    lines.push(`Account ${account.name}:`, `  Api-Key     ${account.apiKey}`, `  API secret  ${account.apiSecret}`);
    lines.push(`  appId       ${account.appId}`);
  }
  if (newAdminToken !== null) lines.push('Admin API:', `  Bearer token  ${newAdminToken}`);
  if (lines.length === 0) return '';
  return ['', 'First start. Keep these, they are shown only once.', ...lines, ''].join('\n');
}
