import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, listAt, numberAt } from '../support/json.ts';
import { boolean, page } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import type { Endpoint } from './kit/endpoint.ts';
import { accepted, type Case, type Expectation, refused } from './kit/field-case.ts';
import type { Fields } from './kit/json-path.ts';
import { pageFields, pagesConform } from './kit/page-case.ts';
import { newFlow } from './kit/recall-client.ts';
import { idField, optional, type Sample, sample } from './kit/request-field.ts';
import { serverUnderTest, uniqueText } from './kit/server-under-test.ts';
import { always, endBeforeStart, localSpanFields } from './kit/span-case.ts';
import { flowSummaryShape, nodeShape } from './kit/task-shape.ts';

const server = serverUnderTest();
const mark = uniqueText(8);
let flows: { taskId: number; keyId: number }[] = [];
before(async () => {
  await server.open();
  const voiceFileId = await server.uploadTone();
  for (let flow = 0; flow < 5; flow++) {
    flows = [...flows, await newFlow(server, voiceFileId, { taskName: `${mark} ${flow}` })];
  }
});

const request = (params: Fields = {}): Fields => ({
  current: 1,
  size: 10,
  params: { ...always, taskName: mark, ...params },
});
const literals = { code: 'number', status: 'number' } as const;

const queryPage: Endpoint = {
  name: 'recallFlow/queryPage',
  section: '1.4, 5.4, 15.2',
  method: 'POST',
  literals,
  variants: [
    {
      title: 'a page of flows',
      valid: () => request(),
      fields: {
        ...pageFields,
        ...localSpanFields,
        'params.taskName': optional({
          good: [sample('x', 'a text'), sample(5_000_001, 'an id')],
          bad: [sample({}, 'an object'), sample(['x'], 'a list')],
        }),
      },
    },
  ],
  data: page(flowSummaryShape, { searchCount: boolean() }),
  codes: [0, -1, -2, -16, -18, -22],
  bodyLimitMiB: 1,
  cases: () => [endBeforeStart],
};

conforms(server, queryPage);
pagesConform(server, queryPage, 'keyId');

const flowId = (): number => flows[0]?.keyId ?? 0;

/** What the example request of the seed page asks for: the nodes of one flow, as a page (contract 15.8). */
const nodePage: Endpoint = {
  name: 'recallFlow/queryPage',
  section: '15.8 and the seed page',
  method: 'POST',
  literals,
  variants: [
    {
      title: 'only a keyId',
      valid: () => ({ keyId: flowId() }),
      // Without it the request is one for flows.
      fields: {},
    },
  ],
  data: page(nodeShape, { searchCount: boolean() }),
  codes: [0, -1, -2, -16, -18, -22],
  cases: () => [
    ...idField(flowId).good.map((good) => keyIdCase(good, accepted())),
    ...idField(flowId).bad.map((bad) => keyIdCase(bad, refused(-22, 'keyId'))),
    { title: 'a flow of nobody', change: () => ({ keyId: 999_999_999 }), expects: refused(-22, '999999999') },
  ],
};

function keyIdCase({ title, make }: Sample, expects: Expectation): Case {
  return { title: `keyId, ${title}`, change: () => ({ keyId: make() }), expects };
}

conforms(server, nodePage);
pagesConform(server, nodePage, 'keyId');

describe('what recallFlow/queryPage finds (contract 5.4)', () => {
  const found = async (params: Fields): Promise<number[]> => {
    const records = listAt(await server.mustPost('/recallFlow/queryPage', request(params)), 'records');
    return records.map((flow) => numberAt(flow, 'keyId')).sort((a, b) => a - b);
  };
  const all = (): number[] => flows.map(({ keyId }) => keyId);

  test('by a part of the name of the parent task', async () => {
    assert.deepEqual(await found({}), all());
    assert.deepEqual(await found({ taskName: `${mark} 3` }), all().slice(3, 4));
    assert.deepEqual(await found({ taskName: `${mark} 9` }), []);
  });

  test('by the exact id of the parent task, as text or number', async () => {
    const [, second] = flows;
    assert.ok(second !== undefined);
    assert.ok((await found({ taskName: String(second.taskId) })).includes(second.keyId));
    assert.ok((await found({ taskName: second.taskId })).includes(second.keyId));
  });

  test('by when they were made', async () => {
    assert.deepEqual(await found({ strTime: '2019-01-01 00:00:00', endTime: '2019-12-31 00:00:00' }), []);
  });

  test('a line has the plan, and how many rounds are done', async () => {
    const data = await server.mustPost('/recallFlow/queryPage', request({ taskName: `${mark} 2` }));
    const line = at(data, 'records', 0);
    const names = ['keyId', 'taskId', 'taskName', 'recallType', 'recallInterval', 'recallNum', 'finishNum', 'status'];
    assert.deepEqual(
      names.map((name) => at(line, name)),
      [flows[2]?.keyId, flows[2]?.taskId, `${mark} 2`, 1, 30, 2, 0, 0],
      names.join(),
    );
  });
});
