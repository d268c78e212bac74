import type { Db } from '../../../db/tables.ts';
import { getTaskDetail } from '../../../domain/task/query.ts';
import { resendTask } from '../../../domain/task/resend.ts';
import type { CallSettings } from '../../../domain/task/settings.ts';
import type { SubmittedRecallFlow } from '../../../domain/task/submission.ts';
import { submitTask } from '../../../domain/task/submit.ts';
import { updateTask } from '../../../domain/task/update.ts';
import { assert } from '../../../lib/errors.ts';
import { type DialectCall, type Endpoint, sendBodyLimit, uploadBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { usualLiterals } from '../envelope.ts';
import type { SentRecallFlow } from '../recall-fields.ts';
import type { SentSettings } from '../settings-fields.ts';
import { withStoredUploads } from '../stored-settings.ts';
import { readResend, readSend, readUpdate, type SubmissionContext } from '../submission-fields.ts';
import { VoiceCheck } from '../voice-check.ts';

/** group/call/send, update and resend (contract 4.1, 4.4, 4.5). */
export function taskSubmissionEndpoints(deps: DialectDeps): Endpoint[] {
  const contextOf = ({ account, time, now }: DialectCall): SubmissionContext => ({
    voices: new VoiceCheck(deps.voices, account.speechProvider),
    time,
    now,
  });
  const send: Endpoint = {
    method: 'POST',
    path: '/group/call/send',
    literals: usualLiterals,
    bodyLimit: sendBodyLimit,
    async handle(call) {
      const { task, sent, recallFlow } = await readSend(call.body, contextOf(call));
      const { accountId } = call.account;
      return withCompleted(deps, accountId, { sent, recallFlow }, (db, completed) =>
        submitTask(db, accountId, { ...task, ...completed }, deps.scheduling),
      );
    },
  };
  const resend: Endpoint = {
    method: 'POST',
    path: '/group/call/resend',
    literals: usualLiterals,
    bodyLimit: uploadBodyLimit,
    async handle(call) {
      const { resend: request, planWith, sent, recallFlow } = readResend(call.body, contextOf(call));
      const { accountId } = call.account;
      const source = await getTaskDetail(deps.db, accountId, request.sourceTaskId);
      const plan = planWith(source.plan.maxCallS);
      return withCompleted(deps, accountId, { sent, recallFlow }, (db, completed) =>
        resendTask(db, accountId, { ...request, ...completed, plan }, deps.scheduling),
      );
    },
  };
  const update: Endpoint = {
    method: 'POST',
    path: '/group/call/update',
    literals: usualLiterals,
    bodyLimit: uploadBodyLimit,
    async handle(call) {
      const { change, sent } = readUpdate(call.body, contextOf(call));
      const { accountId } = call.account;
      return withCompleted(deps, accountId, { sent, recallFlow: null }, async (db, { settings }) => {
        await updateTask(db, accountId, { ...change, settings }, deps.scheduling);
        return null;
      });
    },
  };
  return [send, resend, update];
}

type Completed = { readonly settings: CallSettings; readonly recallFlow: SubmittedRecallFlow | null };

/** Stores the uploads of the task and of its recall nodes and puts the settings back where they came from. */
function withCompleted<T>(
  deps: DialectDeps,
  accountId: number,
  { sent, recallFlow }: { readonly sent: SentSettings; readonly recallFlow: SentRecallFlow | null },
  work: (db: Db, completed: Completed) => Promise<T>,
): Promise<T> {
  return withStoredUploads(deps, accountId, [sent, ...(recallFlow?.nodes ?? [])], (db, [settings, ...nodes]) => {
    assert(settings !== undefined, 'as many settings come back as were given');
    return work(db, { settings, recallFlow: recallFlow === null ? null : { ...recallFlow.plan, nodes } });
  });
}
