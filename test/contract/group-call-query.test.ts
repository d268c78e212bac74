import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { object, page } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import type { Endpoint } from './kit/endpoint.ts';
import type { Fields } from './kit/json-path.ts';
import { pageFields, pagesConform } from './kit/page-case.ts';
import { optional, sample } from './kit/request-field.ts';
import { farFuture, serverUnderTest, toneFile, uniqueText } from './kit/server-under-test.ts';
import { always, endBeforeStart, localSpanFields } from './kit/span-case.ts';
import { taskSummaryFields } from './kit/task-shape.ts';

const server = serverUnderTest();
const mark = uniqueText(8);
let tasks: number[] = [];
before(async () => {
  await server.open();
  const voiceFileId = await server.uploadTone();
  for (let task = 0; task < 5; task++) {
    const taskName = `${mark} ${task}`;
    tasks = [...tasks, await server.sendTask({ voiceFileId, numberList: ['8613800000001'], taskName })];
  }
  await server.mustPost('/group/call/cancel', { taskIdList: tasks.slice(0, 2) });
});

const request = (params: Fields = {}): Fields => ({
  current: 1,
  size: 10,
  params: { ...always, searchCondition: mark, ...params },
});
const summary = object(taskSummaryFields);

const query: Endpoint = {
  name: 'group/call/query',
  section: '1.4, 4.2, 15.7',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    {
      title: 'a page of tasks',
      valid: () => request(),
      fields: {
        ...pageFields,
        ...localSpanFields,
        'params.statusList': optional({
          good: [
            sample([], 'an empty list'),
            sample([0, 1, 2, 3, 4, 5, 6], 'every status'),
            sample(['0', '4'], 'texts'),
          ],
          bad: [
            sample([7], 'a status that there is not'),
            sample([-1], 'below the least'),
            sample(0, 'a number'),
            sample({}, 'an object'),
            sample(['x'], 'letters'),
          ],
        }),
        'params.idxAppId': optional({
          good: [sample(1, '1'), sample('1', '"1"')],
          bad: [sample('x', 'letters'), sample({}, 'an object')],
        }),
        'params.searchCondition': optional({
          good: [sample('x', 'a text')],
          bad: [sample({}, 'an object'), sample([1], 'a list')],
        }),
        'params.taskType': optional({
          good: [sample([], 'an empty list'), sample(1, '1'), sample([1], 'a list'), sample('1', '"1"')],
          bad: [sample('x', 'letters'), sample(4, '4')],
        }),
      },
    },
  ],
  data: page(summary),
  codes: [0, -1, -2, -16, -18, -22],
  bodyLimitMiB: 1,
  cases: () => [endBeforeStart],
};

conforms(server, query);
pagesConform(server, query, 'taskId');

describe('what group/call/query finds (contract 4.2)', () => {
  const found = async (params: Fields): Promise<number[]> => {
    const data = await server.mustPost('/group/call/query', request(params));
    return listAt(data, 'records').map((task) => numberAt(task, 'taskId'));
  };
  const sorted = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);

  test('by a part of the task name: all of them, each with both names of its id', async () => {
    const data = await server.mustPost('/group/call/query', request());
    const records = listAt(data, 'records');
    assert.deepEqual(sorted(records.map((task) => numberAt(task, 'taskId'))), tasks);
    assert.deepEqual(
      records.map((task) => at(task, 'jobId')),
      records.map((task) => at(task, 'taskId')),
    );
  });

  test('by status', async () => {
    assert.deepEqual(sorted(await found({ statusList: [4] })), tasks.slice(0, 2));
    assert.deepEqual(sorted(await found({ statusList: [0] })), tasks.slice(2));
    assert.deepEqual(sorted(await found({ statusList: [0, 4] })), tasks);
    assert.deepEqual(await found({ statusList: [2] }), []);
    assert.deepEqual(sorted(await found({ statusList: [] })), tasks, 'an empty list means all');
  });

  test('by when they were made', async () => {
    assert.deepEqual(await found({ strTime: '2019-01-01 00:00:00', endTime: '2019-12-31 00:00:00' }), []);
    const data = await server.mustPost('/group/call/query', request());
    const made = textAt(data, 'records', 0, 'createdTime');
    assert.ok(
      (await found({ strTime: made, endTime: made })).includes(numberAt(data, 'records', 0, 'taskId')),
      'both ends belong to the span',
    );
  });

  test('by the text that is spoken, and by the name of the voice file', async () => {
    const [text, uploadName] = [uniqueText(12), `${uniqueText(8)}.wav`];
    const numberList = ['8613800000001'];
    const usual = { appId: server.settings.appId, maxCalls: 30, sendTime: farFuture, numberList };
    const contents = [
      { source: 3, text: `hello ${text}`, lan: 'EN' },
      { source: 2, uploadName, baseFile: toneFile() },
    ] as const;
    const ids: number[] = [];
    for (const content of contents) {
      ids.push(server.cancelLater(await server.client.tasks.send({ ...usual, taskName: uniqueText(8), ...content })));
    }
    assert.deepEqual(await found({ searchCondition: text }), ids.slice(0, 1));
    assert.deepEqual(await found({ searchCondition: uploadName.slice(1, 6) }), ids.slice(1));
  });

  test('by the number of an application that there is not: none', async () => {
    assert.deepEqual(await found({ idxAppId: 999_999_999 }), []);
  });

  test('by kind: there are IVR tasks (1) only', async () => {
    assert.deepEqual(sorted(await found({ taskType: 1 })), tasks);
    assert.deepEqual(await found({ taskType: 3 }), []);
  });

  test('by a text that nothing has', async () => {
    const data: Json = await server.mustPost('/group/call/query', request({ searchCondition: `${mark} 9` }));
    assert.deepEqual([at(data, 'total'), at(data, 'pages'), at(data, 'records')], [0, 0, []]);
  });
});
