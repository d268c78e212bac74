import { errors } from '../../domain/error/registry.ts';
import type { SubmittedRecallFlow } from '../../domain/task/submission.ts';
import { anything, choice, integer, list, readFields } from './field.ts';
import { rules } from './rule.ts';
import { readSettings, type SentSettings } from './settings-fields.ts';
import type { VoiceCheck } from './voice-check.ts';

/** A checked recall plan whose nodes' uploads are not stored yet. */
export type SentRecallFlow = {
  readonly plan: Omit<SubmittedRecallFlow, 'nodes'>;
  readonly nodes: readonly SentSettings[];
};

const mostRounds = 10;

/** Reads the plan of a recall flow (contract 5.1, 5.2, 15.5). `path` is the object's name in the request, '' at the top. */
export function readRecallFlow(source: unknown, path: string, voices: VoiceCheck): SentRecallFlow {
  const { nodeList, ...plan } = readFields(flowFields, source, path);
  const listPath = path === '' ? 'nodeList' : `${path}.nodeList`;
  const node = (value: unknown, field: string): SentSettings => readSettings(value ?? null, field, voices);
  const nodes = nodeList === undefined || nodeList === '' ? [] : list(node, { max: mostRounds })(nodeList, listPath);
  if (nodes.length > plan.recallNum) throw errors.badParameter(listPath, rules.nodesBeyondRounds);
  return { plan, nodes };
}

const flowFields = {
  recallType: choice(0, 1),
  recallInterval: integer({ min: 1, max: 1440 }),
  recallNum: integer({ min: 1, max: mostRounds }),
  nodeList: anything(),
};
