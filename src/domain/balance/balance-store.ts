import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { getAccount } from '../account/account-store.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';
import type { RequestError } from '../error/request-error.ts';
import { inTransaction } from '../in-transaction.ts';
import { offsetOf, type Page, type PageRequest, pageOf } from '../paging/page.ts';
import type { Balance, BalanceEntry, EntryKind, NewBalanceEntry } from './balance.ts';

/** null: the account is postpaid. */
export async function findBalance(db: Db, accountId: number): Promise<Balance | null> {
  const { rows } = await sql<Balance>`
    select account_id as "accountId", currency, trim_scale(balance) as balance, trim_scale(gift) as gift, trim_scale(credit) as credit,
           trim_scale(reserved) as reserved, trim_scale(balance + gift + credit - reserved) as available,
           created_at as "createdAt", updated_at as "updatedAt"
      from account_balance where account_id = ${accountId}`.execute(db);
  return rows[0] ?? null;
}

/** Throws `unknownEntry`, and `accountIsPostpaid`. */
export async function getBalance(db: Db, accountId: number): Promise<Balance> {
  const balance = await findBalance(db, accountId);
  if (!balance) throw await noBalance(db, accountId);
  return balance;
}

/** Why there is none. */
async function noBalance(db: Db, accountId: number): Promise<RequestError> {
  await getAccount(db, accountId);
  return errors.accountIsPostpaid(accountId);
}

/**
 * Makes an account prepaid, in the currency of its rate table and with nothing yet, or gives a prepaid one another credit. Calls that were claimed before cost it nothing.
 * Throws `unknownEntry`, `badParameter` when it has no rate table, or when more of the credit is used than is to be left.
 */
export async function putBalance(db: Db, accountId: number, { credit }: { readonly credit: string }): Promise<Balance> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ currency: string | null }>`
      select (select currency from rate_table t where t.rate_table_id = a.rate_table_id) as currency
        from account a where a.account_id = ${accountId} for no key update`.execute(tx);
    const [account] = rows;
    if (!account) throw errors.unknownEntry('account', accountId);
    if (account.currency === null) {
      throw errors.badParameter(
        'rateTableId',
        'give the account a rate table first: its balance is in the currency of that',
      );
    }
    await covered('credit', () =>
      sql`insert into account_balance (account_id, currency, credit) values (${accountId}, ${account.currency}, ${credit}::numeric)
          on conflict (account_id) do update set credit = excluded.credit, updated_at = now()`.execute(tx),
    );
    return getBalance(tx, accountId);
  });
}

/**
 * Puts money down, or takes it away, once for each request key. Returns the entry and whether it is new. Throws `unknownEntry`, `accountIsPostpaid`, `keyReused`, and
 * `badParameter` when more would be taken than is available, or there would be more than a balance holds.
 */
export async function addEntry(
  db: Db,
  accountId: number,
  entry: NewBalanceEntry,
): Promise<{ entry: BalanceEntry; isNew: boolean }> {
  return inTransaction(db, async (tx) => {
    const locked = await sql`select from account_balance where account_id = ${accountId} for update`.execute(tx);
    if (locked.rows.length === 0) throw await noBalance(tx, accountId);
    const known = await findEntry(tx, accountId, entry.requestKey);
    if (known && !isSame(known, entry)) throw errors.keyReused(entry.requestKey);
    if (known) return { entry: known, isNew: false };
    return { entry: await insertEntry(tx, accountId, entry), isNew: true };
  });
}

/** Newest first. */
export async function listEntries(db: Db, accountId: number, page: PageRequest): Promise<Page<BalanceEntry>> {
  const counted = await sql<{ total: number }>`
    select count(*) as total from balance_entry where account_id = ${accountId}`.execute(db);
  const { rows } = await sql<BalanceEntry>`
    select ${entryColumns} from balance_entry where account_id = ${accountId}
     order by entry_id desc limit ${page.size} offset ${offsetOf(page)}`.execute(db);
  return pageOf(page, counted.rows[0]?.total ?? 0, rows);
}

const kinds: Record<EntryKind, 'top_up' | 'gift' | 'correction'> = {
  topUp: 'top_up',
  gift: 'gift',
  correction: 'correction',
};

const entryColumns = sql`
  entry_id as "entryId", case kind when 'top_up' then 'topUp' else kind end as kind, trim_scale(amount) as amount, task_id as "taskId", note,
  created_at as "createdAt", updated_at as "updatedAt"`;

async function findEntry(tx: Db, accountId: number, requestKey: string): Promise<BalanceEntry | null> {
  const { rows } = await sql<BalanceEntry>`
    select ${entryColumns} from balance_entry where account_id = ${accountId} and request_key = ${requestKey}`.execute(
    tx,
  );
  return rows[0] ?? null;
}

function isSame(known: BalanceEntry, entry: NewBalanceEntry): boolean {
  return known.kind === entry.kind && known.note === entry.note && known.amount === trimmed(entry.amount);
}

async function insertEntry(tx: Db, accountId: number, entry: NewBalanceEntry): Promise<BalanceEntry> {
  const { kind, amount, note, requestKey } = entry;
  const part = kind === 'gift' ? sql`gift = gift` : sql`balance = balance`;
  await covered('amount', () =>
    sql`update account_balance set ${part} + ${amount}::numeric, updated_at = now() where account_id = ${accountId}`.execute(
      tx,
    ),
  );
  const { rows } = await sql<BalanceEntry>`
    insert into balance_entry (account_id, kind, amount, note, request_key)
    values (${accountId}, ${kinds[kind]}, ${amount}::numeric, ${note}, ${requestKey}) returning ${entryColumns}`.execute(
    tx,
  );
  const [inserted] = rows;
  if (!inserted) throw new Error('an insert gave no row');
  return inserted;
}

/** `1.50` and `1.5` are one amount. */
function trimmed(amount: string): string {
  const isWhole = !amount.includes('.');
  return isWhole ? amount : amount.replace(/\.?0+$/, '');
}

async function covered(field: string, change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (isDatabaseError(error, sqlState.numberOutOfRange)) {
      throw errors.badParameter(field, 'would make more than a balance can hold, which is below 1000000000000');
    }
    if (!isDatabaseError(error, sqlState.checkViolation)) throw error;
    throw errors.badParameter(field, 'would leave less than is spent, or held for calls in progress');
  }
}
