import { sql } from 'kysely';
import { runPrepared } from '../../db/prepared-statement.ts';
import type { Db } from '../../db/tables.ts';
import { heldRate } from '../rate/held-rate.ts';
import { type Claim, type ClaimedRow, onDays } from './claim-request.ts';
import { balanceUsedUp, rateMissing, stepTask, waitsForBalance } from './machine.ts';
import { taskStatus } from './status.ts';

/**
 * What {@link claimCallees} does, for tasks whose calls may cost something: each call gets the rate that holds for its number now, and no more are claimed than a prepaid
 * balance covers, should each of them last as long as its task allows. Still one statement.
 *
 * - `payer` locks the balances, after all tasks (the array reads `picked` to its end first) and by ascending account, as {@link settleEndedCalls} does: no
 *   deadlock. What it reads is what the lock's last holder left, so no two claims spend the same money.
 * - `held` writes what `payer` read, also where it stays the same: PostgreSQL checks an update's constraints on the row as the statement's snapshot has it before it finds that
 *   there is a newer version and does it again, and the newer reservation over the older balance may break them.
 * - `judged` sums the worst cases up in turns over the account's tasks, so that little money is shared out as channels are. Both the sum and `lacks` only grow along a
 *   task's callees, so what is accepted of a task is the beginning of what was picked, and the cursor needs no gaps.
 * - While calls in progress may give something of what is held for them back, a task that is kept waiting for it stays in status 1 and says so. When none is in progress and the
 *   next callee is not covered, the task is suspended; also when the next number has no rate while the account demands one. Only a claim that takes nothing from the task
 *   does that: suspending ends calls that were claimed and still wait for a trunk.
 * - A direct call's task is never suspended, for nobody could resume it. Callees at its beginning that would not be covered either if all that is held were given back are
 *   claimed with nothing held for them, so that they end undialed, as those that `lack_money`. One without a rate waits until the task is given up.
 */
export async function claimCharged(db: Db, claim: Claim): Promise<readonly ClaimedRow[]> {
  const { processId, requests, until } = claim;
  const suspended = stepTask(taskStatus.calling, { type: 'means-used-up' })?.status;
  const statement = sql<ClaimedRow>`
    with me as (
      select process_id from process where process_id = ${processId} and status = 'live'
        and clock_timestamp() < ${until?.toISOString() ?? 'infinity'}::timestamptz for share
    ), wanted as (
      select * from unnest(${requests.map((task) => task.taskId)}::bigint[], ${requests.map((task) => task.max)}::int[]) as w (task_id, room)
    ), picked as (
      select t.task_id, t.created_day, t.account_id, t.display_num, t.voice_id is not null as is_repeat, t.is_hidden, t.max_call_s, t.next_seq as from_seq,
        least(w.room, t.number_count - t.next_seq + 1) as n
      from task t join wanted w on w.task_id = t.task_id cross join me
      where t.status = 1 and t.next_seq <= t.number_count and ${onDays('t.created_day', requests)}
      order by t.task_id
      for update of t
    ), payer as (
      select account_id, balance, gift, credit, reserved, balance + gift + credit as funds
      from account_balance where account_id = any(array(select account_id from picked))
      order by account_id
      for update
    ), candidate as materialized (
      select p.*, c.seq, c.number, c.variables, r.rate_id, a.requires_rate and r.rate_id is null as lacks_rate,
        coalesce(cost_of(charged_seconds(p.max_call_s, r.first_s, r.step_s), r.rate), 0) as worst
      from picked p join account a on a.account_id = p.account_id
      cross join lateral (
        select seq, number, variables from callee
        where created_day = p.created_day and ${onDays('created_day', requests)} and task_id = p.task_id and seq >= p.from_seq and seq < p.from_seq + p.n
        order by seq limit p.n) c
      left join lateral ${heldRate(sql`a.rate_table_id`, sql`c.number`)} r on true
    ), judged as materialized (
      select k.*, y.account_id is not null as is_prepaid, y.reserved,
        not bool_or(k.lacks_rate) over (partition by k.task_id order by k.seq)
          and (y.account_id is null or sum(k.worst) over (partition by k.account_id order by k.seq - k.from_seq, k.task_id) <= y.funds - y.reserved)
          as is_accepted,
        k.is_hidden and coalesce(bool_and(k.worst > y.funds) over (partition by k.task_id order by k.seq), false) as lacks_money
      from candidate k left join payer y on y.account_id = k.account_id
    ), claimed as (
      select *, case when is_accepted and is_prepaid then worst end as held from judged where is_accepted or lacks_money
    ), spent as (
      select account_id, sum(held) as held from claimed group by account_id having sum(held) > 0
    ), blocked as (
      select distinct on (task_id) task_id, case
          when lacks_rate then ${rateMissing}
          when reserved = 0 and account_id not in (select account_id from spent) then ${balanceUsedUp}
          else ${waitsForBalance}
        end as reason
      from judged where not (is_accepted or lacks_money) order by task_id, seq
    ), taken as (
      select p.task_id, p.from_seq, b.reason, coalesce(k.n, 0) as n, k.n is null and b.reason in (${rateMissing}, ${balanceUsedUp}) and not p.is_hidden as is_over
      from picked p
      left join (select task_id, count(*)::int as n from claimed group by task_id) k on k.task_id = p.task_id
      left join blocked b on b.task_id = p.task_id
    ), moved as (
      update task t set next_seq = s.from_seq + s.n, waiting_reason = s.reason,
        status = case when s.is_over then ${suspended}::smallint else t.status end,
        updated_at = case when s.is_over then now() else t.updated_at end
      from taken s where t.task_id = s.task_id
    ), held as (
      update account_balance b set balance = y.balance, gift = y.gift, credit = y.credit, reserved = y.reserved + s.held
      from spent s join payer y using (account_id) where b.account_id = s.account_id
    ), inserted as (
      insert into call (created_day, task_id, seq, account_id, process_id, number, display_num, is_repeat, rate_id, charge_limit_s, reserved)
      select created_day, task_id, seq, account_id, ${processId}::uuid, number, display_num, is_repeat, rate_id,
        case when rate_id is not null then max_call_s end, held
      from claimed
    )
    select created_day, task_id, seq, number, variables, lacks_money from claimed order by task_id, seq`;
  return runPrepared(db, statement);
}
