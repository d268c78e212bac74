import { sql } from 'kysely';
import type { Db } from '../src/db/tables.ts';
import { createAccount } from '../src/domain/account/account-store.ts';
import { createApp } from '../src/domain/app/app-store.ts';
import { storePrompt } from '../src/domain/prompt/prompt-store.ts';
import { storeVoiceFile } from '../src/domain/voice-file/voice-file-store.ts';

/** What is to be in the database: calls of the last `days` days, most of them of one account. */
export type FillPlan = {
  readonly calls: number;
  readonly tasks: number;
  readonly days: number;
  /** Calls of one more task, made yesterday. */
  readonly bigTaskCalls: number;
};

/** The account that most calls belong to, and what of it is asked for. */
export type Filled = {
  readonly accountId: number;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly appId: string;
  readonly voiceFileId: string;
  readonly bigTaskId: number;
  /** Those of the busy account. */
  readonly flowIds: readonly number[];
};

const busyName = 'bench, busy';
const bigTaskName = 'bench, big';
const quietAccounts = 9;

/** What an earlier run has put there; null: nothing. */
export async function findFilled(db: Db): Promise<Filled | null> {
  const { rows } = await sql<Omit<Filled, 'flowIds'>>`
    select a.account_id as "accountId", a.api_key as "apiKey", a.api_secret as "apiSecret", p.app_id as "appId", v.file_id as "voiceFileId",
           t.task_id as "bigTaskId"
      from account a join app p using (account_id) join voice_file v using (account_id) join task t using (account_id)
     where a.name = ${busyName} and t.task_name = ${bigTaskName} and t.status = 2`.execute(db);
  const found = rows[0];
  if (found === undefined) return null;
  const flows = await sql<{ flowId: number }>`
    select flow_id as "flowId" from recall_flow where account_id = ${found.accountId} order by flow_id`.execute(db);
  return { ...found, flowIds: flows.rows.map(({ flowId }) => flowId) };
}

/** Fills an empty, migrated database, day by day, as if every task had been called at ten calls a second; `tell` is told of each day. */
export async function fill(db: Db, plan: FillPlan, tell: (line: string) => void): Promise<Filled> {
  await sql`select ensure_call_partitions((now() at time zone 'utc')::date - ${plan.days + 1}::int, (now() at time zone 'utc')::date + 7)`.execute(
    db,
  );
  const owners = await makeOwners(db);
  await makeTasks(db, plan, owners);
  await makeFlows(db);
  const { rows } = await sql<{ day: string; calls: number }>`
    select created_day as day, sum(number_count)::int as calls from task group by created_day order by created_day`.execute(
    db,
  );
  for (const { day, calls } of rows) {
    const startedAt = performance.now();
    await makeCalls(db, day);
    tell(`${day}: ${calls} calls, ${Math.round(calls / ((performance.now() - startedAt) / 1000))}/s`);
  }
  tell('vacuum');
  for (const table of ['call', 'callee', 'task', 'recall_flow', 'recall_node'])
    await sql.raw(`vacuum analyze ${table}`).execute(db);
  // Last, because it is what `findFilled` goes by.
  await sql`update task set status = 2 where task_name = ${bigTaskName}`.execute(db);
  const filled = await findFilled(db);
  if (filled === null) throw new Error('what was filled in is not found again');
  return filled;
}

type Owner = { readonly accountId: number; readonly appId: string; readonly fileId: string; readonly promptId: number };

/** The busy account first. */
async function makeOwners(db: Db): Promise<Owner[]> {
  const owners: Owner[] = [];
  for (let index = 0; index <= quietAccounts; index++) {
    const { accountId } = await createAccount(db, { name: index === 0 ? busyName : `bench, quiet ${index}` });
    const { appId } = await createApp(db, { accountId, name: 'voice', kind: 'voice' });
    const promptId = await storePrompt(db, { cacheKey: `bench ${index}`, pcm: new Int16Array(8000), sampleRate: 8000 });
    const how = { isNormalized: false, isTrimmed: false };
    const file = { accountId, fileName: 'hello.wav', sizeBytes: 16_044, promptId, ...how };
    owners.push({ accountId, appId, promptId, fileId: await storeVoiceFile(db, file) });
  }
  return owners;
}

/** Four of five tasks are the busy account's. */
async function makeTasks(db: Db, plan: FillPlan, owners: readonly Owner[]): Promise<void> {
  const perTask = Math.floor((plan.calls - plan.bigTaskCalls) / plan.tasks);
  await sql`
    insert into task (account_id, app_id, task_name, status, settings, prompt_id, max_call_s, created_day, created_at, updated_at, finished_at,
                      number_count, next_seq, ended_count, success_count, fail_count, key_feedback_count, call_duration_s)
    select o.account_id, o.app_id, i.task_name, case when i.task_name = ${bigTaskName} then 0 else 2 end, ${settingsOf(sql`o.file_id`)}, o.prompt_id,
           60, (i.made_at at time zone 'utc')::date, i.made_at, i.made_at + interval '20 minutes', i.made_at + interval '20 minutes',
           i.n, i.n + 1, i.n, i.n * 6 / 10, i.n - i.n * 6 / 10, i.n / 10, i.n * 6
      from (select case when g % 5 = 0 then 2 + (g / 5) % ${quietAccounts}::int else 1 end as owner, 'bench ' || g as task_name, ${perTask}::int as n,
                   date_trunc('day', now()) - make_interval(days => ${plan.days}) + g * (make_interval(days => ${plan.days}) / ${plan.tasks}::int) as made_at
              from generate_series(0, ${plan.tasks - 1}::int) g
            union all
            select 1, ${bigTaskName}, ${plan.bigTaskCalls}::int, date_trunc('day', now()) - interval '20 hours') i
      join unnest(${owners.map((owner) => owner.accountId)}::bigint[], ${owners.map((owner) => owner.appId)}::text[],
                  ${owners.map((owner) => owner.fileId)}::text[], ${owners.map((owner) => owner.promptId)}::bigint[])
        with ordinality as o (account_id, app_id, file_id, prompt_id, place) on o.place = i.owner
     order by i.made_at`.execute(db);
}

function settingsOf(fileId: ReturnType<typeof sql>) {
  return sql`jsonb_build_object(
    'content', jsonb_build_object('source', 1, 'voiceFileId', ${fileId}, 'uploadName', null, 'text', null, 'lan', null,
                                  'speakingRate', null, 'ssmlGender', null, 'accent', null),
    'hangUpSms', jsonb_build_object('hangUpSms', 0, 'smsAppId', null, 'smsContent', null, 'senderId', null, 'feedbackPush', null,
                                    'feedbackValue', null, 'successPush', null, 'successPushTime', null, 'failedPush', null, 'ringPush', null),
    'transfer', jsonb_build_object('toSeat', 0, 'sipGroupId', null, 'outboundControl', null, 'calloutRate', null, 'toSeatType', null,
                                   'toSeatKey', null, 'delayTransfer', null))`;
}

/** A flow of three rounds for every task; the second has settings of its own. */
async function makeFlows(db: Db): Promise<void> {
  await sql`
    with flow as (
      insert into recall_flow (account_id, task_id, recall_type, interval_min, recall_num, status, created_at)
      select account_id, task_id, 1, 30, 3, 2, created_at from task order by task_id
      returning flow_id, task_id
    )
    insert into recall_node (flow_id, ordinal, status, settings)
    select f.flow_id, n, 2, case when n = 2 then t.settings end
      from flow f join task t using (task_id) cross join generate_series(1, 3) n order by f.flow_id, n`.execute(db);
}

/** Six of ten answer, and talk for ten seconds. */
async function makeCalls(db: Db, day: string): Promise<void> {
  await sql`
    insert into callee (created_day, task_id, seq, number, variables)
    select t.created_day, t.task_id, seq, (8613000000000 + seq)::text, array['Tom'] 
      from task t cross join generate_series(1, t.number_count) seq where t.created_day = ${day}::date order by t.task_id, seq`.execute(
    db,
  );
  await sql`
    insert into call (created_day, task_id, seq, account_id, process_id, trunk_id, number, display_num, state, claimed_at, invited_at, ringing_at,
                      answered_at, ended_at, outcome_class, call_status, termination_code, termination_reason, sip_status, feedback_value, digits, media)
    select t.created_day, t.task_id, seq, t.account_id, '11111111-1111-4111-8111-111111111111', 1, (8613000000000 + seq)::text, '1008122211', 'ended',
           x.at, x.at + interval '20 ms', x.at + interval '1 s', case when x.status = 50 then x.at + interval '4 s' end, x.at + interval '14 s',
           case when x.status = 50 then 'success' else 'callee' end, x.status,
           case x.status when 50 then '0' when 20 then '480' when 10 then '486' else '404' end,
           case x.status when 50 then 'success' when 20 then 'no answer' when 10 then 'busy' else 'not found' end,
           case x.status when 50 then 200 when 20 then 480 when 10 then 486 else 404 end,
           case when x.status = 50 and seq % 6 = 0 then '1' end, case when x.status = 50 and seq % 6 = 0 then '1' end,
           case when x.status = 50 then ${heard}::jsonb end
      from task t cross join generate_series(1, t.number_count) seq
      cross join lateral (
        select t.created_at + seq * interval '100 ms' as at,
               case seq % 10 when 6 then 20 when 7 then 20 when 8 then 10 when 9 then 60 else 50 end as status) x
     where t.created_day = ${day}::date order by t.task_id, seq`.execute(db);
}

const farSide = { packetsLost: 0, lossPercent: 0, jitterMs: 2.1, mos: 4.3 };
const sent = { codec: 'PCMA', packetsSent: 500, packetsReceived: 498, packetsLost: 2, lossPercent: 0.4 };
/** A `LegMediaStats`. */
const heard = JSON.stringify({ ...sent, jitterMs: 1.2, roundTripMs: 34, mos: 4.3, farSide });
