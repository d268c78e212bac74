import { sql } from 'kysely';
import { runPrepared } from '../../db/prepared-statement.ts';
import type { Db } from '../../db/tables.ts';
import type { SpeechProvider } from '../../speech/synthesizer.ts';
import { claimCharged } from './claim-charged.ts';
import { type Claim, type ClaimedRow, type ClaimRequest, onDays } from './claim-request.ts';
import type { CallSettings } from './settings.ts';
import type { CallPlan, SendWindow } from './submission.ts';

/** A task that may have callees left to call. */
export type RunnableTask = {
  readonly taskId: number;
  /** Whether it is the hidden one of a direct call, which goes before others. */
  readonly isDirect: boolean;
  readonly accountId: number;
  readonly timeZone: string;
  /** Calls at once over all tasks of the account; null: unlimited. */
  readonly maxConcurrency: number | null;
  readonly isAccountEnabled: boolean;
  /** Whether its calls may cost something: the account has rates. */
  readonly isCharged: boolean;
  readonly createdDay: string;
  readonly displayNum: string | null;
  readonly plan: CallPlan;
  readonly windows: readonly SendWindow[];
  readonly waitingReason: string | null;
  /** null: every callee hears a text of their own, see `settings.content`. */
  readonly promptId: number | null;
  readonly settings: CallSettings;
  /** The account's. */
  readonly speechProvider: SpeechProvider;
  readonly nextSeq: number;
  readonly numberCount: number;
};

/** A callee that this process, and nobody else, may call now; or is to end without a call. */
export type ClaimedCallee = {
  readonly createdDay: string;
  readonly taskId: number;
  readonly seq: number;
  readonly number: string;
  readonly variables: readonly (string | null)[] | null;
  /** Whether the account's balance does not cover the call: then it ends undialed. Only of direct calls, see {@link claimCharged}; left out: it does not lack any. */
  readonly lacksMoney?: boolean;
};

/** The tasks in status 1 with callees left, oldest first. Served by the partial index `task_runnable`. */
export async function runnableTasks(db: Db): Promise<RunnableTask[]> {
  const rows = await db
    .selectFrom('task')
    .innerJoin('account', 'account.account_id', 'task.account_id')
    .selectAll('task')
    .select([
      'account.time_zone',
      'account.max_concurrency',
      'account.is_enabled',
      'account.speech_provider',
      sql<boolean>`account.rate_table_id is not null or account.requires_rate`.as('is_charged'),
    ])
    .where('task.status', '=', sql.lit(1))
    .whereRef('task.next_seq', '<=', 'task.number_count')
    .orderBy('task.task_id')
    .execute();
  return rows.map((row) => ({
    taskId: row.task_id,
    isDirect: row.is_hidden,
    accountId: row.account_id,
    timeZone: row.time_zone,
    maxConcurrency: row.max_concurrency,
    isAccountEnabled: row.is_enabled,
    isCharged: row.is_charged,
    createdDay: row.created_day,
    displayNum: row.display_num,
    plan: {
      delayPlayS: row.delay_play_s,
      delayHangupS: row.delay_hangup_s,
      maxRingingS: row.max_ringing_s,
      loopCount: row.loop_count,
      maxCallS: row.max_call_s,
      isRecorded: row.is_recorded,
      detectsMachine: row.detects_machine,
      machineAction: row.machine_action,
    },
    windows: row.windows,
    waitingReason: row.waiting_reason,
    promptId: row.prompt_id,
    settings: row.settings as CallSettings,
    speechProvider: row.speech_provider,
    nextSeq: row.next_seq,
    numberCount: row.number_count,
  }));
}

/** Of the given tasks, those that are not being called any more (cancelled, suspended). */
export async function stoppedTasks(db: Db, taskIds: readonly number[]): Promise<number[]> {
  if (taskIds.length === 0) return [];
  const rows = await db
    .selectFrom('task')
    .select('task_id')
    .where('task_id', 'in', [...taskIds])
    .where('status', '<>', 1)
    .execute();
  return rows.map((row) => row.task_id);
}

/**
 * Takes the next callees of several tasks for this process: moves each task's cursor and inserts the `call` rows that are the permission to dial. When
 * this resolves, that is committed, and the INVITEs may leave. Rejects on a database failure: then either nothing was
 * claimed, or (commit lost on the way) the rows belong to this process without its knowing; {@link strayCalls} finds them. After `until`, by
 * the server's clock, nothing is claimed: the caller may have given up by then.
 *
 * One statement, on purpose:
 * - It is one transaction and one round trip, however many tasks and callees.
 * - The server runs it to its end also when this process freezes in the middle, so no lock outlives it.
 * - `me` locks the process row in share mode: the sweeper's mark waits for it, or comes first and then nothing is claimed. Without it, a
 *   process that was just buried could insert calls that nobody ends.
 * - `picked` locks the tasks in the order of their ids (no deadlock with other claims and with {@link endCalls}) and reads the cursor after the lock:
 *   PostgreSQL evaluates the row again when somebody changed it meanwhile, the condition on `status` too, so a task that was
 *   suspended a moment ago gives nothing.
 * - The lateral subquery with a limit is a range scan of one partition's primary key; without it the planner may hash the whole list.
 *   So the cost does not depend on how long the list is or how far the cursor has come.
 *
 * Where a call may cost something, {@link claimCharged} does the same and looks after rates and balances.
 */
export async function claimCallees(
  db: Db,
  processId: string,
  requests: readonly ClaimRequest[],
  until?: Date,
): Promise<ClaimedCallee[]> {
  const wanted = requests.filter((request) => request.max > 0);
  if (wanted.length === 0) return [];
  const claim = { processId, requests: wanted, until };
  const isCharged = wanted.some((request) => request.isCharged);
  const rows = isCharged ? await claimCharged(db, claim) : await claimFree(db, claim);
  return rows.map((row) => ({
    createdDay: row.created_day,
    taskId: row.task_id,
    seq: row.seq,
    number: row.number,
    variables: row.variables,
    lacksMoney: row.lacks_money ?? false,
  }));
}

/** For tasks whose calls cost nothing. */
async function claimFree(db: Db, { processId, requests, until }: Claim): Promise<readonly ClaimedRow[]> {
  const statement = sql<ClaimedRow>`
    with me as (
      select process_id from process where process_id = ${processId} and status = 'live'
        and clock_timestamp() < ${until?.toISOString() ?? 'infinity'}::timestamptz for share
    ), wanted as (
      select * from unnest(${requests.map((task) => task.taskId)}::bigint[], ${requests.map((task) => task.max)}::int[]) as w (task_id, room)
    ), picked as (
      select t.task_id, t.created_day, t.account_id, t.display_num, t.voice_id is not null as is_repeat, t.next_seq as from_seq, least(w.room, t.number_count - t.next_seq + 1) as n
      from task t join wanted w on w.task_id = t.task_id cross join me
      where t.status = 1 and t.next_seq <= t.number_count and ${onDays('t.created_day', requests)}
      order by t.task_id
      for update of t
    ), moved as (
      update task t set next_seq = p.from_seq + p.n, waiting_reason = null
      from picked p where t.task_id = p.task_id
      returning p.*
    ), claimed as materialized (
      select m.created_day, m.task_id, m.account_id, m.display_num, m.is_repeat, c.seq, c.number, c.variables
      from moved m cross join lateral (
        select seq, number, variables from callee
        where created_day = m.created_day and ${onDays('created_day', requests)} and task_id = m.task_id and seq >= m.from_seq and seq < m.from_seq + m.n
        order by seq limit m.n) c
    ), inserted as (
      insert into call (created_day, task_id, seq, account_id, process_id, number, display_num, is_repeat)
      select created_day, task_id, seq, account_id, ${processId}::uuid, number, display_num, is_repeat from claimed
    )
    select created_day, task_id, seq, number, variables from claimed order by task_id, seq`;
  return runPrepared(db, statement);
}

/** Says why a task in status 1 makes no calls. Cleared by the next claim. */
export async function writeWaitingReason(db: Db, taskId: number, reason: string): Promise<void> {
  await db
    .updateTable('task')
    .set({ waiting_reason: reason })
    .where('task_id', '=', taskId)
    .where('status', '=', 1)
    .where(sql<boolean>`waiting_reason is distinct from ${reason}`)
    .execute();
}

/** The variables of the callees `fromSeq` and following, at most `max`, to make ready what they will hear. */
export async function calleesAhead(
  db: Db,
  task: Pick<RunnableTask, 'createdDay' | 'taskId'>,
  fromSeq: number,
  max: number,
): Promise<{ seq: number; variables: (string | null)[] | null }[]> {
  return db
    .selectFrom('callee')
    .select(['seq', 'variables'])
    .where('created_day', '=', task.createdDay)
    .where('task_id', '=', task.taskId)
    .where('seq', '>=', fromSeq)
    .where('seq', '<', fromSeq + max)
    .orderBy('seq')
    .execute();
}

/**
 * The open calls of this process that it does not know of: a claim whose commit was lost on the way back leaves such. `isKnown` is asked after the
 * rows were read; no claim may be under way meanwhile.
 */
export async function strayCalls(
  db: Db,
  processId: string,
  isKnown: (taskId: number, seq: number) => boolean,
): Promise<Pick<ClaimedCallee, 'createdDay' | 'taskId' | 'seq'>[]> {
  const rows = await db
    .selectFrom('call')
    .select(['created_day', 'task_id', 'seq'])
    .where('process_id', '=', processId)
    .where('state', '<>', sql.lit('ended'))
    .execute();
  return rows
    .filter((row) => !isKnown(row.task_id, row.seq))
    .map((row) => ({ createdDay: row.created_day, taskId: row.task_id, seq: row.seq }));
}
