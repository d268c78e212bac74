import { type RawBuilder, sql } from 'kysely';
import type { Db, DbTransaction } from '../../db/tables.ts';
import type { CallKey } from '../record/voice-id.ts';
import type { RunnableTask } from '../task/claim.ts';

/** Whoever holds a channel listens on it; there is no payload. */
export const smsQueueChannel = 'carillon_sms';

/** Calls of one day that ended in the caller's transaction, by task. */
export type TextedCalls = { readonly taskId: number; readonly seqs: readonly number[] };

/** Whether a task's calls are texted at the answer: see {@link textAnsweredCalls}. */
export function textsAnswer({ settings, plan }: Pick<RunnableTask, 'settings' | 'plan'>): boolean {
  const { hangUpSms, successPush } = settings.hangUpSms;
  return hangUpSms === 1 && successPush === 1 && !plan.detectsMachine;
}

/**
 * Makes the SMS that follow calls that have ended, in the transaction that ended them: at most one for each call, whichever of its task's triggers hold.
 * One that was made at the answer stays the only one; `trigger` names the first that holds, in the order of {@link triggerOfEnd}.
 */
export async function textEndedCalls(tx: DbTransaction, day: string, calls: readonly TextedCalls[]): Promise<void> {
  const taskIds = calls.flatMap(({ taskId, seqs }) => seqs.map(() => taskId));
  const seqs = calls.flatMap((task) => task.seqs);
  await insertMessages(tx, day, { taskIds, seqs, trigger: triggerOfEnd });
}

/**
 * Makes the SMS of calls that were answered and whose tasks want one some time after that, in the transaction that writes the answer: the call may last longer
 * than that. Only calls of the process, as its writing is.
 */
export async function textAnsweredCalls(
  tx: DbTransaction,
  processId: string,
  calls: readonly CallKey[],
): Promise<void> {
  for (const [day, ofDay] of Map.groupBy(calls, (call) => call.createdDay)) {
    const taskIds = ofDay.map((call) => call.taskId);
    const seqs = ofDay.map((call) => call.seq);
    await insertMessages(tx, day, { taskIds, seqs, trigger: triggerOfAnswer(processId) });
  }
}

/** For a query with `call c` and its task's SMS settings `s.sms` in scope. A key counts as pressed also where no person answered, as it does in the record. */
const triggerOfEnd = sql`
  case
    when s.sms ->> 'successPush' = '1' and c.call_status = 50 then 'success'
    when s.sms ->> 'feedbackPush' = '1' and c.feedback_value = s.sms ->> 'feedbackValue' then 'feedback'
    when s.sms ->> 'failedPush' = '1' and c.call_status <> 50 then 'failed'
    when s.sms ->> 'ringPush' = '1' and c.ringing_at is not null then 'ring'
  end`;

/** Where it is to be found out who answered, a call is a success only at its end. */
function triggerOfAnswer(processId: string): RawBuilder<unknown> {
  return sql`
    case when s.sms ->> 'successPush' = '1' and c.answered_at is not null and c.process_id = ${processId} and c.state <> 'ended'
      and not t.detects_machine then 'success' end`;
}

type Wanted = {
  readonly taskIds: readonly number[];
  readonly seqs: readonly number[];
  readonly trigger: RawBuilder<unknown>;
};

/**
 * One statement. A message whose app has no channel is made and has failed, so that it can be seen. Its text is not stored: the task's settings and the callee do not
 * change any more.
 */
async function insertMessages(db: Db, day: string, { taskIds, seqs, trigger }: Wanted): Promise<void> {
  await sql`
    with made as (
      insert into sms_message (created_day, account_id, app_id, sms_channel_id, task_id, seq, trigger, number, state, due_at, expires_at, reason, done_at)
      select c.created_day, c.account_id, s.sms ->> 'smsAppId', h.sms_channel_id, c.task_id, c.seq, w.trigger, c.number,
        case when h.sms_channel_id is null then 'failed' else 'queued' end, w.due_at,
        w.due_at + make_interval(secs => coalesce(h.validity_s, 0)),
        case when h.sms_channel_id is null then 'the app has no SMS channel' end, case when h.sms_channel_id is null then now() end
      from unnest(${taskIds}::bigint[], ${seqs}::int[]) as u (task_id, seq)
        join task t on t.task_id = u.task_id
        join call c on c.created_day = ${day}::date and c.task_id = u.task_id and c.seq = u.seq
        cross join lateral (select t.settings -> 'hangUpSms' as sms) s
        left join app a on a.app_id = s.sms ->> 'smsAppId' and a.account_id = t.account_id
        left join sms_channel h on h.sms_channel_id = a.sms_channel_id
        cross join lateral (
          select trigger, case when trigger = 'success'
            then coalesce(c.answered_at, c.ended_at) + make_interval(secs => coalesce((s.sms ->> 'successPushTime')::int, 10))
            else c.ended_at end as due_at
          from (select ${trigger} as trigger) held) w
      where t.has_hang_up_sms and w.trigger is not null
      order by c.task_id, c.seq
      on conflict (created_day, task_id, seq) where task_id is not null do nothing
      returning sms_id
    )
    select pg_notify(${smsQueueChannel}, '') from made limit 1`.execute(db);
}
