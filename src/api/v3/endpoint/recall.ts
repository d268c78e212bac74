import { errors } from '../../../domain/error/registry.ts';
import { cancelRecall } from '../../../domain/recall/cancel.ts';
import { type FlowDetail, type FlowKey, listFlowNodes, readFlowDetails } from '../../../domain/recall/flow-detail.ts';
import { listFlows } from '../../../domain/recall/query.ts';
import { updateFlow } from '../../../domain/recall/update.ts';
import { Batches } from '../../../lib/batches.ts';
import { answered } from '../answer/page-answer.ts';
import { flowDetailAnswer, flowNodeAnswer, flowSummaryAnswer } from '../answer/recall-answer.ts';
import { type Endpoint, uploadBodyLimit, usualBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { type Literals, usualLiterals } from '../envelope.ts';
import { anything, choice, id, isBlank, isEmptyObject, optional, readFields, text } from '../field.ts';
import { readPage, readSpan } from '../query-fields.ts';
import { readRecallFlow } from '../recall-fields.ts';
import { withStoredUploads } from '../stored-settings.ts';
import { VoiceCheck } from '../voice-check.ts';

/** The samples of these endpoints have `status` as a number. */
const numberStatus: Literals = { code: 'number', status: 'number' };

/** recallFlow/update, cancel, queryPage and queryDetail (contract section 5, 15.8). */
export function recallEndpoints(deps: DialectDeps): Endpoint[] {
  const update: Endpoint = {
    method: 'POST',
    path: '/recallFlow/update',
    literals: numberStatus,
    bodyLimit: uploadBodyLimit,
    async handle({ account, body }) {
      const { keyId } = readFields({ keyId: id() }, body);
      const { plan, nodes } = readRecallFlow(body, '', new VoiceCheck(deps.voices, account.speechProvider));
      await withStoredUploads(deps, account.accountId, nodes, (db, settings) =>
        updateFlow(db, account.accountId, { flowId: keyId, plan: { ...plan, nodes: settings } }, deps.scheduling),
      );
      return null;
    },
  };
  const cancel: Endpoint = {
    method: 'POST',
    path: '/recallFlow/cancel',
    literals: numberStatus,
    bodyLimit: usualBodyLimit,
    async handle({ account, body }) {
      const target = readFields({ type: choice(1, 2, 3), id: id() }, body);
      await cancelRecall(deps.db, account.accountId, target, deps.scheduling);
      return null;
    },
  };
  return [update, cancel, queryPageEndpoint(deps), queryDetailEndpoint(deps)];
}

/** With only a `keyId`, as the seed page's example sends it, the answer is that flow's nodes as a page. */
function queryPageEndpoint(deps: DialectDeps): Endpoint {
  return {
    method: 'POST',
    path: '/recallFlow/queryPage',
    literals: numberStatus,
    bodyLimit: usualBodyLimit,
    async handle({ account, body, time }) {
      const page = readPage(body);
      const { keyId, params } = readFields({ keyId: optional(id()), params: anything() }, body);
      if (keyId !== null && (params === undefined || isBlank(params) || isEmptyObject(params))) {
        const nodes = await listFlowNodes(deps.db, account.accountId, keyId, page);
        return { ...answered(nodes, (node) => flowNodeAnswer(node, time)), searchCount: true };
      }
      const { taskName } = readFields({ taskName: optional(text({ max: 200 })) }, params, 'params');
      const flows = await listFlows(deps.db, account.accountId, { ...readSpan(params, time), taskName }, page);
      return { ...answered(flows, (flow) => flowSummaryAnswer(flow, time)), searchCount: true };
    },
  };
}

/** Clients poll it for each of their flows: the busier it gets, the more of them are read by one statement. */
function queryDetailEndpoint({ db }: DialectDeps): Endpoint {
  const details = new Batches<FlowKey, FlowDetail | null>((keys) => readFlowDetails(db, keys), { atOnce: 2, most: 50 });
  return {
    method: 'POST',
    path: '/recallFlow/queryDetail',
    literals: usualLiterals,
    bodyLimit: usualBodyLimit,
    async handle({ account, body, time }) {
      const { keyId } = readFields({ keyId: id() }, body);
      const detail = await details.get({ accountId: account.accountId, flowId: keyId });
      if (detail === null) throw errors.unknownFlow(keyId);
      return flowDetailAnswer(detail, time);
    },
  };
}
