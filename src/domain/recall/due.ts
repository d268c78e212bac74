import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { RequestError } from '../error/request-error.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { requireRates } from '../rate/require-rates.ts';
import { roundsUpTo } from '../record/earlier-rounds.ts';
import { formatVoiceId } from '../record/voice-id.ts';
import { enqueueReports, type ReportedCalls, reportAppSeq } from '../report/enqueue-reports.ts';
import { calleeNumbers, copyCallees } from '../task/callee-store.ts';
import { createTask, type NewTask, reserveTask, type TaskPlace } from '../task/create.ts';
import type { DirectPart } from '../task/direct-part.ts';
import type { CallSettings } from '../task/settings.ts';
import { effectiveSettings } from './effective-settings.ts';
import { type LockedFlow, type LockedNode, lockFlow, moveFlow } from './flow-state.ts';
import { recallStatus } from './status.ts';

/** `started`: a child task was made; `empty`: nobody was left; `failed`: the round cannot run; `ignored`: not due, or done already. */
export type DueResult = 'started' | 'empty' | 'failed' | 'ignored';

/** Job `recall.node`: starts a round. Idempotent. */
export async function runDueNode(db: Db, nodeId: number, scheduling: Scheduling): Promise<DueResult> {
  return inTransaction(db, async (tx) => {
    const row = await tx.selectFrom('recall_node').select('flow_id').where('node_id', '=', nodeId).executeTakeFirst();
    const flow = row && (await lockFlow(tx, row.flow_id));
    const node = flow?.nodes.find((candidate) => candidate.nodeId === nodeId);
    if (!flow || !node || node.status !== recallStatus.pending || !node.dueAt) return 'ignored';
    if (node.dueAt.getTime() > scheduling.clock.now()) {
      // Too early: the interval was changed, or this machine's clock is behind the queue's.
      await scheduling.jobs.enqueue(tx, 'recall.node', { nodeId }, { startAfter: node.dueAt });
      return 'ignored';
    }
    return runRound(tx, flow, node, scheduling);
  });
}

async function runRound(tx: Db, flow: LockedFlow, node: LockedNode, scheduling: Scheduling): Promise<DueResult> {
  const round = node.ordinal;
  const { parent, previous, obstacle } = await readRound(tx, flow, node);
  const place = await reserveTask(tx, scheduling);
  const numberCount = await copyCallees(tx, previous, place, flow.recallType === 0 ? 'all' : 'failed');
  if (numberCount === 0) {
    await moveFlow(tx, flow, { input: { type: 'round-empty', round }, reason: null }, scheduling);
    return 'empty';
  }
  const reason = obstacle ?? (await createRoundTask(tx, { ...parent, ...place, numberCount }, scheduling));
  if (reason !== null) {
    await dropCallees(tx, place);
    await moveFlow(tx, flow, { input: { type: 'round-failed', round }, reason }, scheduling);
    if (flow.isHidden) await settleLastResult(tx, previous.taskId);
    return 'failed';
  }
  await tx.updateTable('recall_node').set({ task_id: place.taskId }).where('node_id', '=', node.nodeId).execute();
  await moveFlow(tx, flow, { input: { type: 'round-started', round }, reason: null }, scheduling);
  return 'started';
}

type RoundTask = Omit<NewTask, keyof TaskPlace | 'numberCount'>;

type Round = {
  /** What the round's task takes from the parent. */
  readonly parent: RoundTask;
  /** The round before, or the parent. */
  readonly previous: TaskPlace;
  /** Why the round cannot run; null: nothing is known that speaks against it. */
  readonly obstacle: string | null;
};

type RoundRow = Omit<RoundTask, 'direct' | 'recallRound'> &
  Pick<DirectPart, 'callType' | 'calledInfo' | 'templateId' | 'promptId'> & {
    readonly parentDay: string;
    readonly parentSmsAppId: string | null;
    readonly isAccountEnabled: boolean;
    readonly previousTaskId: number;
    readonly previousDay: string;
  };

async function readRound(tx: Db, flow: LockedFlow, node: LockedNode): Promise<Round> {
  const { rows } = await sql<RoundRow>`
    select p.account_id as "accountId", p.app_id as "appId", p.task_name as "taskName", p.display_num as "displayNum",
           ${effectiveSettings} as settings, p.settings #>> '{hangUpSms,smsAppId}' as "parentSmsAppId", p.windows, p.task_id as "sourceTaskId",
           jsonb_build_object('delayPlayS', p.delay_play_s, 'delayHangupS', p.delay_hangup_s, 'maxRingingS', p.max_ringing_s,
                              'loopCount', p.loop_count, 'maxCallS', p.max_call_s,
                              'isRecorded', p.is_recorded, 'detectsMachine', p.detects_machine,
                              'machineAction', p.machine_action) as plan,
           p.call_type as "callType", p.called_info as "calledInfo", p.template_id as "templateId", p.prompt_id as "promptId",
           p.created_day as "parentDay", a.is_enabled as "isAccountEnabled",
           before.task_id as "previousTaskId", before.created_day as "previousDay"
      from recall_node n
      join task p on p.task_id = ${flow.taskId}
      join account a on a.account_id = p.account_id
      left join recall_node last on last.flow_id = n.flow_id and last.ordinal = n.ordinal - 1
      join task before on before.task_id = coalesce(last.task_id, p.task_id)
     where n.node_id = ${node.nodeId}`.execute(tx);
  const row = rows[0];
  if (!row) throw new Error(`recall node ${node.nodeId} has no parent task`);
  const {
    previousTaskId,
    previousDay,
    callType,
    calledInfo,
    templateId,
    promptId,
    parentDay,
    parentSmsAppId,
    isAccountEnabled,
    ...task
  } = row;
  const roundsLeft = flow.nodes.length - node.ordinal;
  const voiceId = formatVoiceId({ createdDay: parentDay, taskId: flow.taskId, seq: 1 });
  const previous = { taskId: previousTaskId, createdDay: previousDay };
  const earlier = flow.isHidden ? await roundsUpTo(tx, { ...previous, seq: 1 }) : null;
  const direct = flow.isHidden ? { callType, calledInfo, templateId, promptId, roundsLeft, voiceId, earlier } : null;
  return {
    parent: {
      ...task,
      settings: withSmsApp(task.settings, parentSmsAppId),
      sendTime: null,
      duplicateCount: 0,
      invalidCount: 0,
      recallRound: node.ordinal,
      direct,
    },
    previous,
    // A client's task waits for the account to be enabled again. A direct call is for now, and its result is waited for.
    obstacle: flow.isHidden && !isAccountEnabled ? 'the account is disabled' : null,
  };
}

/** A node that names no SMS app sends over its parent's (contract 5.2). */
function withSmsApp(settings: CallSettings, smsAppId: string | null): CallSettings {
  return { ...settings, hangUpSms: { ...settings.hangUpSms, smsAppId: settings.hangUpSms.smsAppId ?? smsAppId } };
}

/**
 * Returns null, or why there can be no task: what the client's own requests are refused for, a voice file or a rate that is gone, is the round's end here. Named
 * `<parent>#<round>`; where the client has a task of that name, `<parent>#<round>-2` and so on.
 */
async function createRoundTask(tx: Db, task: NewTask, scheduling: Scheduling): Promise<string | null> {
  const name = `${task.taskName}#${task.recallRound}`;
  try {
    // Not whether there is balance: without any the round is suspended like any task, and waits for a top-up.
    await requireRates(tx, task.accountId, calleeNumbers(task));
    for (let attempt = 1; ; attempt += 1) {
      const taskName = attempt === 1 ? name : `${name}-${attempt}`;
      if (await createTask(tx, { ...task, taskName }, scheduling)) return null;
    }
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return error.message;
  }
}

/**
 * No round follows the one that has ended, so its result is the direct call's, and is reported. The flow's row is locked, and the task's after it: of a task that is finished
 * nobody else waits for the flow.
 */
async function settleLastResult(tx: Db, taskId: number): Promise<void> {
  const { rows } = await sql<Omit<ReportedCalls, 'seqs'>>`
    update task t set rounds_left = 0 where t.task_id = ${taskId} and t.rounds_left > 0
    returning t.created_day as "createdDay", t.task_id as "taskId", ${reportAppSeq} as "reportAppSeq"`.execute(tx);
  const calls = rows.map((row) => ({ ...row, seqs: [1] }));
  await enqueueReports(tx, calls);
}

async function dropCallees(tx: Db, place: TaskPlace): Promise<void> {
  await sql`delete from callee where created_day = ${place.createdDay}::date and task_id = ${place.taskId}`.execute(tx);
}
