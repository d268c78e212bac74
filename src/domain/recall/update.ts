import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { requireSmsApps } from '../sms/require-app.ts';
import { requireVariables } from '../task/callee-store.ts';
import type { SubmittedRecallFlow } from '../task/submission.ts';
import { requireVoiceFiles } from '../voice-file/voice-file-store.ts';
import { voiceFilesOf, writeNodes } from './create.ts';
import { lockFlow, setDue } from './flow-state.ts';
import { recallStatus } from './status.ts';

/**
 * Replaces a pending flow's plan and nodes (contract 5.2). If the parent has finished already, round 1 is due one new interval after that.
 * Throws `unknownFlow`, `flowNotPending`, `unknownVoiceFile`, `missingVariables`, `unknownApp`, `appHasNoChannel`,
 * `smsAppMissing`.
 */
export async function updateFlow(
  db: Db,
  accountId: number,
  change: { readonly flowId: number; readonly plan: SubmittedRecallFlow },
  scheduling: Scheduling,
): Promise<void> {
  const { flowId, plan } = change;
  await inTransaction(db, async (tx) => {
    const flow = await lockFlow(tx, flowId);
    if (flow?.accountId !== accountId || flow.isHidden) throw errors.unknownFlow(flowId);
    if (flow.status !== recallStatus.pending) throw errors.flowNotPending(flowId, flow.status, 'modified');
    const parent = await tx
      .selectFrom('task')
      .select([
        'task_id as taskId',
        'created_day as createdDay',
        'finished_at as finishedAt',
        sql<string | null>`settings #>> '{hangUpSms,smsAppId}'`.as('smsAppId'),
      ])
      .where('task_id', '=', flow.taskId)
      .executeTakeFirstOrThrow();
    await requireVoiceFiles(tx, accountId, voiceFilesOf(plan.nodes));
    await requireVariables(tx, parent, plan.nodes);
    await requireSmsApps(tx, accountId, { taskAppId: parent.smsAppId, settings: plan.nodes });
    await tx
      .updateTable('recall_flow')
      .set({
        recall_type: plan.recallType,
        interval_min: plan.recallInterval,
        recall_num: plan.recallNum,
        updated_at: new Date(),
      })
      .where('flow_id', '=', flowId)
      .execute();
    await writeNodes(tx, flowId, plan);
    // Also rounds that were cancelled one by one: a new plan is a new plan.
    await tx
      .updateTable('recall_node')
      .set({ status: recallStatus.pending, status_reason: null })
      .where('flow_id', '=', flowId)
      .execute();
    const first = flow.nodes[0];
    if (!first?.dueAt || !parent.finishedAt) return;
    const due = {
      flow: { intervalMin: plan.recallInterval },
      nodeId: first.nodeId,
      since: parent.finishedAt.getTime(),
    };
    await setDue(tx, due, scheduling);
  });
}
