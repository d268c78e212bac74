import type { Db } from '../../db/tables.ts';
import { requireMeans } from '../balance/require-means.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { createFlow } from '../recall/create.ts';
import { calleeNumbers, insertCallees } from '../task/callee-store.ts';
import { createTask, reserveTask, type TaskPlace } from '../task/create.ts';
import { type Content, noHangUpSms, noTransfer } from '../task/settings.ts';
import type { CallPlan, SubmittedCallee } from '../task/submission.ts';

/** A checked direct call: callees who are called at once and hear the same, or the same template (contract 6). */
export type DirectCall = {
  readonly accountId: number;
  readonly appId: string;
  /** Which endpoint it came by; the hidden task's name. */
  readonly endpoint: 'sendGroup' | 'sendCode' | 'sendIvr';
  /** What records and reports call it: 1 group call, 2 verification code. */
  readonly callType: 1 | 2;
  readonly displayNum: string | null;
  readonly content: Content;
  /** The content's audio; null: every callee hears a text of their own. */
  readonly promptId: number | null;
  readonly plan: CallPlan;
  /** Comes back in records and reports; null: nothing, or the variables. */
  readonly calledInfo: string | null;
  /** The dialect's dimensionId; null: none. */
  readonly templateId: number | null;
  /** At least one, and exactly one where there is a recall. */
  readonly callees: readonly SubmittedCallee[];
  /** Calls again until the callee is reached; only the last result counts. null: does not. */
  readonly recall: DirectRecall | null;
};

export type DirectRecall = {
  /** 1 to 10. */
  readonly count: number;
  /** 1 to 1440. */
  readonly intervalMin: number;
};

/**
 * Makes the hidden task of a direct call, which dialers may claim as soon as the transaction commits; the callees' voice ids go by the task's place. Nothing is left to be
 * prepared or waited for. Throws `noRate`, `balanceUsedUp`.
 */
export async function submitDirectCall(db: Db, call: DirectCall, scheduling: Scheduling): Promise<TaskPlace> {
  const { accountId, appId, endpoint, displayNum, content, plan, callees, recall } = call;
  const { callType, calledInfo, templateId, promptId } = call;
  return inTransaction(db, async (tx) => {
    const place = await reserveTask(tx, scheduling);
    const task = {
      ...{ ...place, accountId, appId, displayNum, plan, taskName: endpoint },
      settings: { content, hangUpSms: noHangUpSms, transfer: noTransfer },
      ...{ windows: [], sendTime: null, sourceTaskId: null, recallRound: 0 },
      ...{ numberCount: callees.length, duplicateCount: 0, invalidCount: 0 },
      direct: {
        callType,
        calledInfo,
        templateId,
        promptId,
        roundsLeft: recall?.count ?? 0,
        voiceId: null,
        earlier: null,
      },
    };
    await createTask(tx, task, scheduling);
    if (recall) {
      const flow = { recallType: 1, recallInterval: recall.intervalMin, recallNum: recall.count, nodes: [] } as const;
      await createFlow(tx, { accountId, taskId: place.taskId, isHidden: true, plan: flow });
    }
    await insertCallees(tx, place, callees);
    await requireMeans(tx, { accountId, maxCallS: plan.maxCallS, mayWait: false }, calleeNumbers(place));
    return place;
  });
}
