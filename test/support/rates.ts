import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../src/db/tables.ts';
import { addEntry, putBalance } from '../../src/domain/balance/balance-store.ts';
import { createRateTable } from '../../src/domain/rate/rate-table-store.ts';

/** A prefix, its price a minute and its bill period. */
export type TestRate = readonly [prefix: string, rate: string, billPeriod: string];

/** A rate table in euro, worth 1.1 US dollars each; returns its id. */
export async function addRates(db: Db, rates: readonly TestRate[]): Promise<number> {
  const table = await createRateTable(db, { name: randomUUID(), currency: 'EUR', quoteExchange: '1.1' });
  for (const [prefix, rate, billPeriod] of rates) {
    const [first = 1, step = 1] = billPeriod.split('+').map(Number);
    await sql`
      insert into rate (rate_table_id, prefix, code, first_s, step_s, rate, quote_exchange)
      values (${table.rateTableId}, ${prefix}, ${`area ${prefix}`}, ${first}, ${step}, ${rate}::numeric, 1.1)`.execute(
      db,
    );
  }
  return table.rateTableId;
}

/** Gives an account rates, and makes it prepaid with `money`; null: postpaid. */
export async function chargeAccount(
  db: Db,
  accountId: number,
  { rates, money, credit = '0' }: { rates: readonly TestRate[]; money: string | null; credit?: string },
): Promise<number> {
  const rateTableId = await addRates(db, rates);
  await db.updateTable('account').set({ rate_table_id: rateTableId }).where('account_id', '=', accountId).execute();
  if (money !== null) {
    await putBalance(db, accountId, { credit });
    if (Number(money) !== 0) await topUp(db, accountId, money);
  }
  return rateTableId;
}

export async function topUp(db: Db, accountId: number, amount: string): Promise<void> {
  await addEntry(db, accountId, { kind: 'topUp', amount, note: null, requestKey: randomUUID() });
}

export type Books = {
  /** balance + gift, what is held, and what the account's records say its calls have cost. */
  readonly left: string;
  readonly reserved: string;
  readonly cost: string;
  /** Of the charges in the ledger, and of all of its entries. */
  readonly charged: string;
  readonly entries: string;
  readonly openReserved: string;
};

/** All that must agree, read in one statement. */
export async function booksOf(db: Db, accountId: number): Promise<Books> {
  const { rows } = await sql<Books>`
    select trim_scale(b.balance + b.gift) as left, trim_scale(b.reserved) as reserved,
           (select trim_scale(coalesce(sum(cost), 0)) from call c where c.account_id = b.account_id and c.reserved is not null) as cost,
           (select trim_scale(coalesce(-sum(amount), 0)) from balance_entry e where e.account_id = b.account_id and kind = 'charge') as charged,
           (select trim_scale(coalesce(sum(amount), 0)) from balance_entry e where e.account_id = b.account_id) as entries,
           (select trim_scale(coalesce(sum(c.reserved), 0)) from call c where c.account_id = b.account_id and c.state <> 'ended') as "openReserved"
      from account_balance b where b.account_id = ${accountId}`.execute(db);
  const books = rows[0];
  if (!books) throw new Error(`account ${accountId} is postpaid`);
  return books;
}
