import { before } from 'node:test';
import { at, type Json, numberAt } from '../support/json.ts';
import { nothing } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { type Fields, isFields, withField } from './kit/json-path.ts';
import { newFlow } from './kit/recall-client.ts';
import { idField, listField, optional, required } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { below, contentVariants, recallPlanFields, shownBelow, transferCases } from './kit/task-table.ts';

const server = serverUnderTest();
let voiceFileId = '';
let cancelled = 0;
before(async () => {
  await server.open();
  voiceFileId = await server.uploadTone();
  cancelled = (await newFlow(server, voiceFileId)).keyId;
  await server.mustPost('/recallFlow/cancel', { type: 1, id: cancelled });
});

/** A pending flow of its own for each request. */
async function valid(fields: Fields = {}): Promise<Fields> {
  const { keyId } = await newFlow(server, voiceFileId);
  return { keyId, recallInterval: 45, recallNum: 3, recallType: 0, ...fields };
}

const node = (): Fields => ({ source: 1, voiceFileId, hangUpSms: 0 });

conforms(server, {
  name: 'recallFlow/update',
  section: '5.2, 15.8',
  method: 'POST',
  // The samples have `status` as a number (contract 15.2).
  literals: { code: 'number', status: 'number' },
  variants: [
    {
      title: 'the plan',
      valid: () => valid(),
      fields: {
        keyId: required({ good: [], bad: idField(() => 0).bad }),
        ...recallPlanFields,
        nodeList: optional(listField((count) => Array<Json>(count).fill(node()), { min: 0, max: 3 })),
      },
    },
    ...contentVariants(() => voiceFileId).map(({ title, content, fields }) => ({
      title: `a node with ${title}`,
      valid: () => valid({ nodeList: [{ ...content(), hangUpSms: 0 }] }),
      fields: below('nodeList.0', fields, 'node'),
    })),
  ],
  data: nothing(),
  codes: [0, -1, -2, -16, -18, -21, -22, -24],
  notProvoked: { [-21]: 'as in group/call/update' },
  bodyLimitMiB: 30,
  cases,
  async show(_data, sent) {
    const flow = await server.mustPost('/recallFlow/queryDetail', { keyId: at(sent, 'keyId') });
    if (!isFields(flow)) return flow;
    const [first] = Array.isArray(flow.nodeList) ? flow.nodeList : [];
    return { ...flow, ...shownBelow('node', first), rounds: numberAt(flow, 'total') };
  },
});

function cases(): Case[] {
  const set =
    (name: string, value: Json): Case['change'] =>
    (body) =>
      withField(body, name, value);
  return [
    { title: 'as many nodes as rounds', change: set('recallNum', 7), expects: accepted(['rounds', 7]) },
    { title: 'fewer rounds than before', change: set('recallNum', 1), expects: accepted(['rounds', 1]) },
    {
      title: 'more nodes than rounds',
      change: (body) => withField(withField(body, 'recallNum', 1), 'nodeList', [node(), node()]),
      expects: refused(-22, 'nodeList'),
    },
    { title: 'a flow of nobody', change: set('keyId', 999_999_999), expects: refused(-22, '999999999') },
    {
      title: 'a flow that is not pending: the message says its state',
      change: set('keyId', cancelled),
      expects: refused(-22, /cancelled/),
    },
    ...transferCases('nodeList.0').map((row) => ({
      ...row,
      change: (body: Json) => row.change(withField(body, 'nodeList', [node()])),
    })),
    {
      title: 'a node with a file of nobody',
      change: set('nodeList', [{ ...node(), voiceFileId: 'nobody.wav' }]),
      expects: refused(-24, 'nobody.wav'),
    },
  ];
}
