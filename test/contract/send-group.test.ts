import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, type Json, listAt, textAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { conforms } from './kit/conforms.ts';
import { directCallFields, directResultsShape } from './kit/direct-table.ts';
import { accepted, refused } from './kit/field-case.ts';
import { withField } from './kit/json-path.ts';
import { nobodyToCall, peopleOrSkip } from './kit/people.ts';
import { recordOf } from './kit/record-client.ts';
import { knownField, required, sample } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { always } from './kit/span-case.ts';

const server = serverUnderTest();
let fileId = '';
before(async () => {
  await server.open();
  fileId = await server.uploadTone();
});

const callee = (): string => server.settings.people?.isUnknown ?? '';
const valid = (): { readonly [key: string]: Json } => ({ callee: callee(), fileId, appId: server.settings.appId });

conforms(server, {
  name: 'sendGroup',
  section: '6.1',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    {
      title: 'a number',
      valid,
      fields: {
        callee: required(
          knownField(callee, [
            sample('', 'nothing'),
            sample(',', 'a comma'),
            sample({}, 'an object'),
            sample(true, 'a boolean'),
          ]),
        ),
        fileId: required(knownField(() => fileId)),
        appId: required(knownField(() => server.settings.appId)),
        ...directCallFields,
      },
    },
  ],
  data: directResultsShape,
  whyNot: () => nobodyToCall(server),
  codes: [0, -1, -2, -10, -16, -18, -22, -26],
  notProvoked: { [-10]: 'balance.test.ts has it', [-26]: 'balance.test.ts has it' },
  bodyLimitMiB: 1,
  cases: () => [
    // Numbers that are too short are not called, so the limit shows without a thousand calls.
    {
      title: '1,000 numbers',
      change: (body) => withField(body, 'callee', Array(1000).fill('123').join()),
      expects: accepted(),
    },
    {
      title: '1,001 numbers',
      change: (body) => withField(body, 'callee', Array(1001).fill('123').join()),
      expects: refused(-22, 'callee'),
    },
    {
      title: 'a file of nobody',
      change: (body) => withField(body, 'fileId', 'nobody.wav'),
      expects: refused(-22, 'fileId'),
    },
    {
      title: 'an application of nobody',
      change: (body) => withField(body, 'appId', 'nobody'),
      expects: refused(-22, 'appId'),
    },
  ],
});

describe('what becomes of the numbers of sendGroup (contract 6.1)', () => {
  const send = async (fields: { readonly [key: string]: Json }): Promise<readonly Json[]> =>
    listAt(await server.mustPost('/sendGroup', { ...valid(), ...fields }));

  test('an entry for each, in the order given, with the result of the submission as text', async (context) => {
    const people = peopleOrSkip(context, server);
    if (people === null) return;
    const numbers = [people.isUnknown, '123456', people.isBusy, '1'.repeat(16), '86139+04'];
    const entries = await send({ callee: numbers.join() });
    assert.deepEqual(
      entries.map((entry) => [
        at(entry, 'callee'),
        at(entry, 'terminationCode') === '0',
        at(entry, 'voiceId') !== null,
      ]),
      [
        [people.isUnknown, true, true],
        ['123456', false, false],
        [people.isBusy, true, true],
        ['1'.repeat(16), false, false],
        ['86139+04', false, false],
      ],
    );
    assert.deepEqual(
      entries.map((entry) => at(entry, 'terminationReason') === 'success'),
      [true, false, true, false, false],
    );
    const voiceIds = [0, 2].map((index) => textAt(entries[index] ?? null, 'voiceId'));
    assert.equal(new Set(voiceIds).size, 2);
  });

  test('each that is called has a record, which echoes calledInfo', async (context) => {
    const people = peopleOrSkip(context, server);
    if (people === null) return;
    const calledInfo = 'order 12: {"a":1}';
    const entries = await send({ callee: `${people.answers},${people.isBusy}`, calledInfo, maxDuration: 1 });
    const records = await Promise.all(entries.map((entry) => recordOf(server, textAt(entry, 'voiceId'))));
    const names = ['callee', 'callStatus', 'calledInfo', 'voiceFileId'];
    assert.deepEqual(
      records.map((record) => names.map((name) => at(record, name))),
      [
        [people.answers, 50, calledInfo, fileId],
        [people.isBusy, 10, calledInfo, fileId],
      ],
      names.join(),
    );
  });

  test('a direct call is in no list of tasks', async (context) => {
    const people = peopleOrSkip(context, server);
    if (people === null) return;
    const [entry = null] = await send({ callee: people.isUnknown });
    const taskId = at(await recordOf(server, textAt(entry, 'voiceId')), 'taskId');
    const answer = await server.get(`/group/call/detail/${taskId}`);
    assert.notEqual(answer.code, 0, answer.body);
    const request = { current: 1, size: 100, params: always };
    const listed = listAt(await server.mustPost('/group/call/query', request), 'records');
    assert.deepEqual(
      listed.filter((task) => at(task, 'taskId') === taskId),
      [],
    );
  });
});
