import { sql } from 'kysely';
import type { DbTransaction } from '../../db/tables.ts';

/** What ended calls of one task were held for and came to cost, as exact decimals; null: none of them was prepaid. */
export type EndedCharge = {
  readonly taskId: number;
  readonly accountId: number;
  readonly reserved: string | null;
  readonly cost: string | null;
};

/**
 * Gives back what was held of prepaid balances for calls that have ended, and takes what they cost: from the gift first, then from the balance. In the transaction that ended
 * them, so that what the records say and what was taken are the same at every moment. A call costs no more than was held for it, so nothing is overdrawn here.
 *
 * Locks: the balances by ascending account, after the rows of all tasks that the transaction locks. Everything that the table's constraints look at is written from what the lock
 * read, see `claimCharged`.
 */
export async function settleEndedCalls(tx: DbTransaction, ended: readonly EndedCharge[]): Promise<void> {
  const prepaid = ended.filter((task) => task.reserved !== null);
  if (prepaid.length === 0) return;
  await sql`
    with ended as (
      select * from unnest(
        ${prepaid.map((task) => task.accountId)}::bigint[], ${prepaid.map((task) => task.taskId)}::bigint[],
        ${prepaid.map((task) => task.reserved)}::numeric[], ${prepaid.map((task) => task.cost ?? '0')}::numeric[]
      ) as e (account_id, task_id, reserved, cost)
    ), due as (
      select account_id, sum(reserved) as reserved, sum(cost) as cost from ended group by account_id
    ), locked as (
      select account_id, balance, gift, credit, reserved from account_balance
      where account_id = any(array(select account_id from due)) order by account_id for update
    ), settled as (
      update account_balance b set reserved = l.reserved - d.reserved, gift = greatest(0, l.gift - d.cost),
        balance = l.balance - greatest(0, d.cost - l.gift), credit = l.credit, updated_at = now()
      from due d join locked l using (account_id)
      where b.account_id = d.account_id
    )
    insert into balance_entry (account_id, kind, amount, task_id)
    select account_id, 'charge', -cost, task_id from ended where cost > 0 order by account_id, task_id
    on conflict (account_id, task_id) where kind = 'charge'
      do update set amount = balance_entry.amount + excluded.amount, updated_at = now()`.execute(tx);
}
