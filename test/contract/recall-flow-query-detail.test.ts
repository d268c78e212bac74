import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, type Json, listAt, numberAt } from '../support/json.ts';
import { until } from '../support/until.ts';
import { usualLiterals } from './kit/answer.ts';
import { conforms, needsAdmin } from './kit/conforms.ts';
import { refused } from './kit/field-case.ts';
import { peopleOrSkip } from './kit/people.ts';
import { flowIdOf, newFlow } from './kit/recall-client.ts';
import { idField, required } from './kit/request-field.ts';
import { serverUnderTest, signed } from './kit/server-under-test.ts';
import { always } from './kit/span-case.ts';
import { flowDetailShape } from './kit/task-shape.ts';

const server = serverUnderTest();
let voiceFileId = '';
let flow = { taskId: 0, keyId: 0 };
let speaking = 0;
const plan = { recallType: 1, recallInterval: 30, recallNum: 1 } as const;
const spoken = { source: 3, text: 'hello', lan: 'EN', speakingRate: 1.25, ssmlGender: 1, accent: '44' } as const;
before(async () => {
  await server.open();
  voiceFileId = await server.uploadTone();
  flow = await newFlow(server, voiceFileId);
  speaking = (await newFlow(server, voiceFileId, { recallFlow: { ...plan, nodeList: [spoken] } })).keyId;
});

conforms(server, {
  name: 'recallFlow/queryDetail',
  section: '5.5, 15.8 and the seed page',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    { title: 'a flow', valid: () => ({ keyId: flow.keyId }), fields: { keyId: required(idField(() => flow.keyId)) } },
    { title: 'a flow that speaks', valid: () => ({ keyId: speaking }), fields: {} },
  ],
  data: flowDetailShape,
  codes: [0, -1, -2, -16, -18, -22],
  bodyLimitMiB: 1,
  cases: () => [
    { title: 'a flow of nobody', change: () => ({ keyId: 999_999_999 }), expects: refused(-22, '999999999') },
  ],
});

describe('the page that the project starts from (recall-flow-query-detail.txt)', () => {
  const rawRequest = (path: string, keyId: number): ReturnType<typeof server.raw> =>
    server.raw({ method: 'POST', path, headers: signed(server.settings.credentials), body: `{\n"keyId":${keyId}\n}` });

  test('its example request, line for line, at its own address and at that of its sample', async () => {
    const detail = await rawRequest('/v3/voice/recallFlow/queryDetail', flow.keyId);
    assert.deepEqual([detail.httpStatus, detail.code, detail.message], [200, 0, 'success'], detail.body);
    const page = await rawRequest('/v3/voice/recallFlow/queryPage', flow.keyId);
    assert.deepEqual([page.httpStatus, page.code], [200, 0], page.body);
    assert.deepEqual(at(page.data ?? null, 'records'), at(detail.data ?? null, 'nodeList'));
    const pageKeys = ['total', 'searchCount'];
    assert.deepEqual(
      pageKeys.map((name) => at(page.data ?? null, name)),
      [2, true],
    );
  });

  test('the plan is there before it runs: as many nodes as rounds, pending, without a task', async () => {
    const data = await server.mustPost('/recallFlow/queryDetail', { keyId: flow.keyId });
    assert.deepEqual(
      ['keyId', 'recallInterval', 'recallNum', 'recallType', 'status'].map((name) => at(data, name)),
      [flow.keyId, 30, 2, 1, 0],
    );
    assert.deepEqual(
      ['total', 'size', 'current', 'searchCount', 'pages'].map((name) => at(data, name)),
      [2, 2, 1, true, 1],
      'the list is one page, whole',
    );
    assert.deepEqual(at(data, 'records'), at(data, 'nodeList'), 'both names of the list (contract 15.8)');
    assert.deepEqual(
      listAt(data, 'nodeList').map((node) => [at(node, 'nodeStatus'), at(node, 'taskId')]),
      [
        [0, null],
        [0, null],
      ],
    );
  });

  test('a node has every literal of the example where nothing is set', async () => {
    const [node = null] = listAt(await server.mustPost('/recallFlow/queryDetail', { keyId: flow.keyId }), 'nodeList');
    const example: { readonly [key: string]: Json } = {
      voiceFileId,
      source: 1,
      text: null,
      lan: null,
      speakingRate: null,
      hangUpSms: 0,
      idxSmsAppId: null,
      smsContent: null,
      senderId: null,
      feedbackValue: null,
      feedbackPush: null,
      successPush: null,
      successPushTime: null,
      failedPush: null,
      ringPush: null,
      toSeat: 0,
      sipGroupId: null,
      outboundControl: null,
      calloutRate: null,
      toSeatType: null,
      toSeatKey: null,
      delayTransfer: 0,
    };
    const seen = Object.fromEntries(Object.keys(example).map((name) => [name, at(node, name)]));
    assert.deepEqual(seen, example);
  });

  test('a node that speaks has all that it was sent, the accent as a number', async () => {
    const data = await server.mustPost('/recallFlow/queryDetail', { keyId: speaking });
    const names = ['source', 'voiceFileId', 'text', 'lan', 'speakingRate', 'ssmlGender', 'accent'];
    assert.deepEqual(
      names.map((name) => at(data, 'nodeList', 0, name)),
      [3, null, 'hello', 'EN', 1.25, 1, 44],
      names.join(),
    );
  });

  test('a flow of another account does not exist', async (context) => {
    if (needsAdmin(context, server)) return;
    const stranger = await server.account({});
    const answer = await server.post('/recallFlow/queryDetail', { keyId: flow.keyId }, stranger);
    assert.equal(answer.code, -22, answer.body);
    assert.match(answer.message, new RegExp(String(flow.keyId)));
  });

  test('a flow that ran: each round has its own task, and calls those that the round before did not reach', async (context) => {
    const people = peopleOrSkip(context, server);
    if (people === null) return;
    const taskId = await server.sendTask({
      voiceFileId,
      numberList: [people.answers, people.isBusy, people.isUnknown],
      recallFlow: { recallType: 1, recallInterval: 1, recallNum: 2 },
      sendTime: null,
    });
    const keyId = await flowIdOf(server, taskId);
    const finished = await until(
      async () => {
        const data = await server.mustPost('/recallFlow/queryDetail', { keyId });
        return at(data, 'status') === 2 ? { data } : null;
      },
      { what: `flow ${keyId} to be done`, timeoutMs: 60_000 + 4 * server.settings.minuteMs, everyMs: 250 },
    );
    const lines = await server.mustPost('/recallFlow/queryPage', { params: { ...always, taskName: String(taskId) } });
    const line = listAt(lines, 'records').find((one) => at(one, 'keyId') === keyId) ?? null;
    assert.deepEqual([at(line, 'finishNum'), at(line, 'status')], [2, 2]);
    const nodes = listAt(finished.data, 'nodeList');
    assert.deepEqual(
      nodes.map((node) => at(node, 'nodeStatus')),
      [2, 2],
    );
    for (const node of nodes) {
      const round = numberAt(node, 'taskId');
      const records = await server.mustPost('/group/call/records', { current: 1, size: 10, params: { taskId: round } });
      assert.deepEqual(
        listAt(records, 'records').map((record) => [at(record, 'callee'), at(record, 'sourceTaskId')]),
        [
          [people.isBusy, taskId],
          [people.isUnknown, taskId],
        ],
      );
    }
  });
});
