import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { at, type Json, listAt, numberAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { conforms } from './kit/conforms.ts';
import { type Case, refused } from './kit/field-case.ts';
import { peopleOrSkip } from './kit/people.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { always } from './kit/span-case.ts';
import { taskDetailShape } from './kit/task-shape.ts';

const server = serverUnderTest();
let taskId = 0;
before(async () => {
  await server.open();
  taskId = await server.sendTask({ voiceFileId: await server.uploadTone(), numberList: ['8613800000001'] });
});

const unknown = (id: Json): Case => ({
  title: `id ${id}`,
  change: () => ({ id }),
  expects: refused(-22, 'id'),
});

conforms(server, {
  name: 'group/call/detail/{id}',
  section: '4.3, 15.5',
  method: 'GET',
  path: (request) => `/group/call/detail/${at(request, 'id')}`,
  literals: usualLiterals,
  variants: [{ title: 'a task', valid: () => ({ id: taskId }), fields: {} }],
  data: taskDetailShape,
  codes: [0, -1, -2, -16, -18, -22, -24],
  cases: () => [
    { title: 'a task of nobody', change: () => ({ id: 999_999_999 }), expects: refused(-24, '999999999') },
    ...['x', '0', '-1', '1.5'].map(unknown),
  ],
});

test('the figures of a finished task (contract 4.3)', async (context) => {
  const people = peopleOrSkip(context, server);
  if (people === null) return;
  const numberList = [people.answers, people.isBusy, people.declines, people.isUnknown];
  const voiceFileId = await server.uploadTone();
  const finished = await server.sendTask({ voiceFileId, numberList, sendTime: null });
  const detail = await server.taskInStatus(finished, 2);
  assert.deepEqual(taskDetailShape(detail, 'data'), []);
  const figures = ['numCnt', 'success', 'fail', 'callTotal', 'successRate', 'rate'];
  assert.deepEqual(
    figures.map((name) => at(detail, name)),
    [4, 1, 3, 4, '25', '100'],
    figures.join(),
  );
  assert.notEqual(at(detail, 'finishTime'), null);
  // One call was answered, so that it is the sum and the average.
  const answered = { taskId: finished, callStatusList: [50] };
  const talked = numberAt(
    await server.mustPost('/group/call/records', { params: answered }),
    'records',
    0,
    'callDuration',
  );
  assert.ok(talked > 0);
  assert.deepEqual([at(detail, 'callDuration'), at(detail, 'acd')], [talked, String(talked)]);
  const page = await server.mustPost('/group/call/query', {
    current: 1,
    size: 10,
    params: { ...always, searchCondition: String(at(detail, 'taskName')) },
  });
  const [line] = listAt(page, 'records');
  const names = ['taskId', 'jobId', 'numCnt', 'callNum', 'success', 'fail', 'successRate', 'rate', 'status'];
  assert.deepEqual(
    names.map((name) => at(line ?? null, name)),
    [finished, finished, 4, 4, 1, 3, 25, '100', 2],
    names.join(),
  );
});
