import { findBalance } from '../../../domain/balance/balance-store.ts';
import { type Endpoint, usualBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { usualLiterals } from '../envelope.ts';

/** getBalance under both of its names (contract 12.1). A postpaid account has nothing of either. */
export function balanceEndpoints({ db }: Pick<DialectDeps, 'db'>): Endpoint[] {
  return ['/getBalance', '/sms/getBalance'].map((path) => ({
    method: 'GET',
    path,
    literals: usualLiterals,
    bodyLimit: usualBodyLimit,
    isFlat: true,
    tellsLock: true,
    async handle({ account }) {
      const found = await findBalance(db, account.accountId);
      return {
        balance: found?.balance ?? '0',
        gift: found?.gift ?? '0',
        credit: found?.credit ?? '0',
        // Extensions: null where the account is postpaid.
        reserved: found?.reserved ?? null,
        available: found?.available ?? null,
        currency: found?.currency ?? null,
      };
    },
  }));
}
