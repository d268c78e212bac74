import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, listAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { page } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import type { Endpoint } from './kit/endpoint.ts';
import { refused } from './kit/field-case.ts';
import { type Fields, withField } from './kit/json-path.ts';
import { pageFields, pagesConform } from './kit/page-case.ts';
import { peopleOrSkip } from './kit/people.ts';
import { idField, objectField, optional, required, sample } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { calleeResultShape } from './kit/task-shape.ts';

const server = serverUnderTest();
let voiceFileId = '';
let taskId = 0;
before(async () => {
  await server.open();
  voiceFileId = await server.uploadTone();
  const numberInfoList = [1, 2, 3, 4, 5].map((n) => ({ calleeNumber: `861380000000${n}`, text1: `Tom ${n}` }));
  taskId = await server.sendTask({ voiceFileId, numberInfoList });
});

const request = (params: Fields = {}): Fields => ({ current: 1, size: 10, params: { taskId, ...params } });

const records: Endpoint = {
  name: 'group/call/records',
  section: '1.4, 15.9',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    {
      title: 'the callees of a task',
      valid: () => request(),
      fields: {
        ...pageFields,
        params: required(objectField()),
        'params.taskId': required(idField(() => taskId)),
        'params.callStatusList': optional({
          good: [
            sample([], 'an empty list'),
            sample([10, 20, 30, 40, 50, 60], 'every status'),
            sample(['50'], 'a text'),
          ],
          bad: [
            sample([51], 'a status that there is not'),
            sample([0], '0'),
            sample(50, 'a number'),
            sample(['x'], 'letters'),
          ],
        }),
        'params.number': optional({
          good: [sample('8613800000001', 'a number'), sample(8613800000001, 'a JSON number')],
          bad: [sample('x', 'letters'), sample('+1', 'a plus'), sample({}, 'an object')],
        }),
      },
    },
  ],
  data: page(calleeResultShape),
  codes: [0, -1, -2, -16, -18, -22, -24],
  bodyLimitMiB: 1,
  cases: () => [
    {
      title: 'a task of nobody',
      change: (valid) => withField(valid, 'params.taskId', 999_999_999),
      expects: refused(-24, '999999999'),
    },
  ],
};

conforms(server, records);
pagesConform(server, records, 'callee');

describe('what came of the callees (contract 15.9, 15.12)', () => {
  test('one that was not called yet has its number and variables, and null elsewhere', async () => {
    const data = await server.mustPost('/group/call/records', request({ number: '8613800000003' }));
    const [record = null] = listAt(data, 'records');
    const names = ['callee', 'text1', 'text2', 'voiceId', 'callStatus', 'terminationCode', 'answerTime', 'taskId'];
    assert.deepEqual(
      names.map((name) => at(record, name)),
      ['8613800000003', 'Tom 3', null, null, null, null, null, taskId],
      names.join(),
    );
  });

  test('each outcome has its call status, SIP code and termination code', async (context) => {
    const people = peopleOrSkip(context, server);
    if (people === null) return;
    const numberList = [people.answers, people.isBusy, people.declines, people.isUnknown];
    const finished = await server.sendTask({ voiceFileId, numberList, sendTime: null });
    await server.taskInStatus(finished, 2);
    const data = await server.mustPost('/group/call/records', request({ taskId: finished }));
    const names = ['callee', 'callStatus', 'sipCode', 'terminationCode', 'feedbackValue', 'taskId'];
    assert.deepEqual(
      listAt(data, 'records').map((record) => names.map((name) => at(record, name))),
      [
        [people.answers, 50, '200', '0', '-1', finished],
        [people.isBusy, 10, '486', '486', '-1', finished],
        [people.declines, 30, '603', '603', '-1', finished],
        [people.isUnknown, 60, '404', '404', '-1', finished],
      ],
      names.join(),
    );
    const calledBy = async (params: Fields): Promise<unknown[]> => {
      const found = await server.mustPost('/group/call/records', request({ taskId: finished, ...params }));
      return listAt(found, 'records').map((record) => at(record, 'callee'));
    };
    assert.deepEqual(await calledBy({ callStatusList: [50] }), [people.answers]);
    assert.deepEqual(await calledBy({ callStatusList: [10, 60] }), [people.isBusy, people.isUnknown]);
    assert.deepEqual(await calledBy({ number: people.declines }), [people.declines]);
  });
});
