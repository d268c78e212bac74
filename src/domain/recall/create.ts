import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import type { CallSettings } from '../task/settings.ts';
import type { SubmittedRecallFlow } from '../task/submission.ts';
import { requireVoiceFiles } from '../voice-file/voice-file-store.ts';

export type NewFlow = {
  readonly accountId: number;
  readonly taskId: number;
  /** Whether the task is a direct call's. */
  readonly isHidden: boolean;
  readonly plan: SubmittedRecallFlow;
};

/** Stores the flow of a new task with all its rounds, so that the whole plan can be seen from the start. Throws `unknownVoiceFile`. */
export async function createFlow(tx: Db, { accountId, taskId, isHidden, plan }: NewFlow): Promise<number> {
  await requireVoiceFiles(tx, accountId, voiceFilesOf(plan.nodes));
  const { flow_id: flowId } = await tx
    .insertInto('recall_flow')
    .values({
      account_id: accountId,
      task_id: taskId,
      is_hidden: isHidden,
      recall_type: plan.recallType,
      interval_min: plan.recallInterval,
      recall_num: plan.recallNum,
    })
    .returning('flow_id')
    .executeTakeFirstOrThrow();
  await writeNodes(tx, flowId, plan);
  return flowId;
}

/** Makes the flow's rounds those of the plan. A round that was there keeps its id. */
export async function writeNodes(tx: Db, flowId: number, plan: SubmittedRecallFlow): Promise<void> {
  const ordinals = Array.from({ length: plan.recallNum }, (_, index) => index + 1);
  const settings = ordinals.map((ordinal) => {
    const own = plan.nodes[ordinal - 1];
    return own ? JSON.stringify(own) : null;
  });
  await sql`
    insert into recall_node (flow_id, ordinal, settings)
    select ${flowId}::bigint, ordinal, settings::jsonb
      from unnest(${ordinals}::smallint[], ${settings}::text[]) as given (ordinal, settings)
     order by ordinal
    on conflict (flow_id, ordinal) do update set settings = excluded.settings, updated_at = now()`.execute(tx);
  await tx.deleteFrom('recall_node').where('flow_id', '=', flowId).where('ordinal', '>', plan.recallNum).execute();
}

/** The uploaded files that settings play. */
export function voiceFilesOf(settings: readonly CallSettings[]): string[] {
  return settings.flatMap(({ content }) => (content.source === 3 ? [] : [content.voiceFileId ?? '']));
}
