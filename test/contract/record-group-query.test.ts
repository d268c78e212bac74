import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, listAt, textAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { boolean, page } from './kit/answer-shape.ts';
import { conforms, needsAdmin } from './kit/conforms.ts';
import type { Endpoint } from './kit/endpoint.ts';
import { accepted, refused } from './kit/field-case.ts';
import { pageFields, pagesConform } from './kit/page-case.ts';
import { peopleOrSkip } from './kit/people.ts';
import { callEverybody, spanOfDays } from './kit/record-client.ts';
import { type Kind, objectField, required, sample } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { spanCase } from './kit/span-case.ts';
import { recordShape } from './kit/task-shape.ts';

const server = serverUnderTest();
let called: Awaited<ReturnType<typeof callEverybody>> | null = null;
let calledBefore = '';
before(async () => {
  await server.open();
  const { people } = server.settings;
  if (people !== null) called = await callEverybody(server, people);
  calledBefore = spanOfDays(0, 0).endTime;
});

const isoTime = (good: string): Kind => ({
  good: [sample(good, good)],
  bad: ['2026-02-30T00:00:00+08:00', '2026/01/01', 'now', '2026-01-01']
    .map((value) => sample(value, value))
    .concat(sample(1_700_000_000, 'a number'), sample(true, 'a boolean'), sample({}, 'an object')),
});

const { strTime, endTime } = spanOfDays(15, 1);

/** `YYYY-MM-DD` */
const dayAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const midnight = (daysAgo: number): string => `${dayAgo(daysAgo)}T00:00:00+08:00`;

const recordGroupQuery: Endpoint = {
  name: 'recordGroupQuery',
  section: '1.4, 8.2, 15.9',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    {
      title: 'a page of records',
      valid: () => ({ current: 1, size: 25, params: { strTime, endTime } }),
      fields: {
        ...pageFields,
        params: required(objectField()),
        'params.strTime': required(isoTime(strTime)),
        'params.endTime': required(isoTime(endTime)),
      },
    },
  ],
  data: page(recordShape, { searchCount: boolean() }),
  codes: [0, -1, -2, -16, -18, -22],
  bodyLimitMiB: 1,
  cases: () => [
    spanCase('31 days', midnight(40), midnight(9), accepted()),
    spanCase('a second more', midnight(40), midnight(9).replace('00:00:00', '00:00:01'), refused(-22, /31/)),
    spanCase('31 days over two zones', midnight(40), `${dayAgo(10)}T16:00:00+00:00`, accepted()),
    spanCase('an end before the start', midnight(39), midnight(40), refused(-22, 'endTime')),
    spanCase('an offset without colon', `${dayAgo(40)}T00:00:00+0800`, `${dayAgo(39)}T00:00:00+0800`, accepted()),
    spanCase('more than two months ago', midnight(80), midnight(79), refused(-22, 'strTime')),
  ],
};

conforms(server, recordGroupQuery);

/** The calls of other files of the suite come later than what is paged through. */
const past = { title: 'a page of records', fields: {}, valid: () => ({ params: { strTime, endTime: calledBefore } }) };
pagesConform(server, { ...recordGroupQuery, variants: [past] }, 'voiceId');

describe('what recordGroupQuery finds (contract 8.2)', () => {
  test('the record of every call, the same that recordGroup has', async (context) => {
    if (peopleOrSkip(context, server) === null || called === null) return;
    const { taskId } = called;
    const found = await server.mustPost('/recordGroupQuery', { current: 1, size: 100, params: spanOfDays(1, 1) });
    const ours = listAt(found, 'records').filter((record) => at(record, 'taskId') === taskId);
    assert.equal(ours.length, 4);
    for (const record of ours) {
      assert.deepEqual(await server.mustGet(`/recordGroup/${textAt(record, 'voiceId')}`), record);
    }
  });

  test('of a span without calls, none', async () => {
    const data = await server.mustPost('/recordGroupQuery', { current: 1, size: 10, params: spanOfDays(50, -49) });
    assert.deepEqual([at(data, 'total'), at(data, 'records'), at(data, 'searchCount')], [0, [], true]);
  });

  test("another account's calls are not among them", async (context) => {
    if (needsAdmin(context, server)) return;
    const stranger = await server.account({});
    const request = { current: 1, size: 10, params: spanOfDays(1, 1) };
    const answer = await server.post('/recordGroupQuery', request, stranger);
    assert.equal(at(answer.data ?? null, 'total'), 0);
  });
});
