import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { at, type Json, listAt, numberAt } from '../support/json.ts';
import { until } from '../support/until.ts';
import { usualLiterals } from './kit/answer.ts';
import { integer, nothing, type Shape } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import type { Endpoint, Variant } from './kit/endpoint.ts';
import { refused } from './kit/field-case.ts';
import { type Fields, isFields, withField } from './kit/json-path.ts';
import { peopleOrSkip } from './kit/people.ts';
import { flowOf, newFlow } from './kit/recall-client.ts';
import { farFuture, serverUnderTest, uniqueText } from './kit/server-under-test.ts';
import { variables } from './kit/settings.ts';
import {
  feedbackPushFields,
  nodeSuccessPushFields,
  smsAppField,
  smsCases,
  smsFields,
  smsRequest,
  successPushFields,
} from './kit/sms-table.ts';
import { always } from './kit/span-case.ts';
import { below, type FieldTable, shownBelow } from './kit/task-table.ts';

/** SMS after the call, wherever a request can ask for it: send, update, resend, and recall nodes. */
const server = serverUnderTest();
let voiceFileId = '';
let over = 0;
const callees = { numberInfoList: [{ calleeNumber: '8613800000001', text1: 'Tom' }] };
before(async () => {
  await server.open();
  voiceFileId = await server.uploadTone();
  over = await server.sendTask({ voiceFileId, ...callees });
  await server.mustPost('/group/call/cancel', { taskIdList: [over] });
});

const smsAppId = (): string => server.settings.smsAppId ?? '';
const whyNot = (): string | null =>
  server.settings.smsAppId === null ? `needs an SMS application: set ${variables.smsAppId}` : null;
const played = (): Fields => ({ source: 1, voiceFileId });

/** The fields of a task's SMS, as three kinds of request. */
function variants(valid: (sms: Fields) => Fields | Promise<Fields>): [Variant, ...Variant[]] {
  const texted = (more: Fields) => () => valid({ ...smsRequest(smsAppId()), ...more });
  return [
    { title: 'an SMS', valid: texted({}), fields: { ...smsFields, ...smsAppField(smsAppId) } },
    { title: 'an SMS after an answer', valid: texted({ successPush: 1 }), fields: successPushFields },
    { title: 'an SMS after a key', valid: texted({ feedbackPush: 1 }), fields: feedbackPushFields },
  ];
}

type Described = {
  readonly name: string;
  readonly section: string;
  readonly data: Shape;
  readonly valid: (sms: Fields) => Fields | Promise<Fields>;
  readonly taskIdOf: (data: number, sent: Fields) => number;
};

function endpoint({ name, section, data, valid, taskIdOf }: Described): Endpoint {
  return {
    ...{ name, section, data, method: 'POST', literals: usualLiterals, variants: variants(valid) },
    codes: [0, -1, -2, -16, -18, -21, -22, -24],
    whyNot,
    cases: () => [
      ...smsCases(smsAppId()),
      {
        title: 'an SMS application of nobody',
        change: (body) => withField(body, 'smsAppId', 'nobody'),
        expects: refused(-24, 'nobody'),
      },
      {
        title: 'a voice application',
        change: (body) => withField(body, 'smsAppId', server.settings.appId),
        expects: refused(-24, server.settings.appId),
      },
    ],
    show: (answer, sent) => {
      const taskId = taskIdOf(Number(answer ?? 0), isFields(sent) ? sent : {});
      return server.mustGet(`/group/call/detail/${server.cancelLater(taskId)}`);
    },
  };
}

const plan = { loopCount: 1, maxCalls: 30, sendTime: farFuture };
const sendRequest = (sms: Fields): Fields => ({
  appId: server.settings.appId,
  taskName: uniqueText(10),
  ...callees,
  ...plan,
  ...played(),
  ...sms,
});

conforms(
  server,
  endpoint({
    name: 'group/call/send',
    section: '4.1 (SMS), 15.5',
    data: integer({ min: 1 }),
    valid: sendRequest,
    taskIdOf: (data) => data,
  }),
);

conforms(
  server,
  endpoint({
    name: 'group/call/update',
    section: '4.4 (SMS), 15.5',
    data: nothing(),
    valid: async (sms) => ({
      keyId: await server.sendTask({ voiceFileId, ...callees }),
      taskName: uniqueText(10),
      ...played(),
      ...sms,
    }),
    taskIdOf: (_data, sent) => numberAt(sent, 'keyId'),
  }),
);

conforms(
  server,
  endpoint({
    name: 'group/call/resend',
    section: '4.5 (SMS), 15.5',
    data: integer({ min: 1 }),
    valid: (sms) => ({ keyId: over, taskName: uniqueText(10), ...plan, ...played(), ...sms }),
    taskIdOf: (data) => data,
  }),
);

/** A node's SMS goes over the application of the task, which therefore has one, too. */
const nodeFields = (table: FieldTable): FieldTable => below('nodeList.0', table, 'node');

conforms(server, {
  name: 'recallFlow/update',
  section: '5.2 (SMS), 15.8',
  method: 'POST',
  literals: { code: 'number', status: 'number' },
  variants: [
    { title: 'a node with an SMS', valid: () => nodeRequest({}), fields: nodeFields(smsFields) },
    {
      title: 'a node with an SMS after an answer',
      valid: () => nodeRequest({ successPush: 1 }),
      fields: nodeFields(nodeSuccessPushFields),
    },
    {
      title: 'a node with an SMS after a key',
      valid: () => nodeRequest({ feedbackPush: 1 }),
      fields: nodeFields(feedbackPushFields),
    },
  ],
  data: nothing(),
  codes: [0, -1, -2, -16, -18, -21, -22],
  whyNot,
  cases: () => smsCases(null, 'nodeList.0'),
  async show(_data, sent) {
    const flow = await server.mustPost('/recallFlow/queryDetail', { keyId: at(sent, 'keyId') });
    return shownBelow('node', at(flow, 'nodeList', 0));
  },
});

/** A recall round's SMS, in the task's own request. */
const recallNode = 'recallFlow.nodeList.0';
const recalling = (more: Fields) => (): Fields => ({
  ...sendRequest(smsRequest(smsAppId())),
  recallFlow: {
    ...{ recallType: 1, recallInterval: 30, recallNum: 2 },
    nodeList: [{ ...played(), ...smsRequest(null), ...more }],
  },
});

conforms(server, {
  name: 'group/call/send',
  section: '4.1 (recallFlow), 5.2 (SMS)',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    { title: 'a round with an SMS', valid: recalling({}), fields: below(recallNode, smsFields, 'node') },
    {
      title: 'a round with an SMS after an answer',
      valid: recalling({ successPush: 1 }),
      fields: below(recallNode, nodeSuccessPushFields, 'node'),
    },
    {
      title: 'a round with an SMS after a key',
      valid: recalling({ feedbackPush: 1 }),
      fields: below(recallNode, feedbackPushFields, 'node'),
    },
  ],
  data: integer({ min: 1 }),
  codes: [0, -1, -2, -16, -18, -21, -22],
  whyNot,
  cases: () => [
    ...smsCases(null, recallNode),
    {
      title: 'a round with an SMS, of a task without an SMS application',
      change: (body) => withField(withField(body, 'hangUpSms', 0), 'smsAppId', null),
      expects: refused(-22, 'smsAppId'),
    },
  ],
  async show(taskId) {
    const flow = await flowOf(server, server.cancelLater(Number(taskId)));
    return shownBelow('node', at(flow, 'nodeList', 0));
  },
});

async function nodeRequest(sms: Fields): Promise<Fields> {
  const { keyId } = await newFlow(server, voiceFileId, { ...callees, ...smsRequest(smsAppId()) });
  const node = { ...played(), ...smsRequest(null), ...sms };
  return { keyId, recallInterval: 45, recallNum: 2, recallType: 0, nodeList: [node] };
}

test('a node that texts as its task does names the SMS application by number (the example of the seed page)', async (context) => {
  const reason = whyNot();
  if (reason !== null) return context.skip(reason);
  const { keyId } = await newFlow(server, voiceFileId, { ...callees, ...smsRequest(smsAppId()) });
  const flow = await server.mustPost('/recallFlow/queryDetail', { keyId });
  assert.deepEqual(integer({ min: 1 })(at(flow, 'nodeList', 0, 'idxSmsAppId'), 'idxSmsAppId'), []);
});

test('each call that failed is texted once, and group/call/query counts it in sendSmsNum', async (context) => {
  const people = peopleOrSkip(context, server);
  if (people === null) return;
  const reason = whyNot();
  if (reason !== null) return context.skip(reason);
  const taskName = uniqueText(10);
  const taskId = await server.sendTask({
    ...{ voiceFileId, taskName, sendTime: null, hangUpSms: 1, smsAppId: smsAppId(), failedPush: 1 },
    numberList: [people.answers, people.isBusy, people.declines, people.isUnknown],
    smsContent: 'you missed our call',
  });
  await server.taskInStatus(taskId, 2);
  const request = { current: 1, size: 10, params: { ...always, searchCondition: taskName } };
  let records: readonly Json[] = [];
  await until(
    async () => {
      records = listAt(await server.mustPost('/group/call/query', request), 'records');
      return records.length === 1 && at(records[0] ?? null, 'sendSmsNum') === 3;
    },
    { what: 'three messages', timeoutMs: 60_000, everyMs: 200, detail: () => JSON.stringify(records) },
  );
});
