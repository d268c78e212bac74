import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { at, type Json, textAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { conforms, needsAdmin } from './kit/conforms.ts';
import { refused } from './kit/field-case.ts';
import { peopleOrSkip } from './kit/people.ts';
import { callEverybody, someVoiceId } from './kit/record-client.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { variables } from './kit/settings.ts';
import { recordShape } from './kit/task-shape.ts';

const server = serverUnderTest();
let called: Awaited<ReturnType<typeof callEverybody>> | null = null;
let voiceId = '';
before(async () => {
  await server.open();
  const { people } = server.settings;
  called = people === null ? null : await callEverybody(server, people);
  const known = called === null ? await someVoiceId(server) : textAt(called.records[0] ?? null, 'voiceId');
  voiceId = known ?? '';
});

const unknown = (id: string) => ({
  title: `a record of nobody: ${id}`,
  change: (): Json => ({ voiceId: id }),
  expects: refused(-22, id),
});

conforms(server, {
  name: 'recordGroup/{voiceId}',
  section: '8.1, 15.9',
  method: 'GET',
  path: (request) => `/recordGroup/${at(request, 'voiceId')}`,
  literals: usualLiterals,
  variants: [{ title: 'a record', valid: () => ({ voiceId }), fields: {} }],
  data: recordShape,
  whyNot: () => (voiceId === '' ? `needs a record, so people to call: set ${variables.people}` : null),
  codes: [0, -1, -2, -16, -18, -22],
  cases: () => ['2203031113381000002', 'x', '0'].map(unknown),
});

test('each outcome has its times and codes (contract 8.1, 15.9, 15.12)', async (context) => {
  const people = peopleOrSkip(context, server);
  if (people === null || called === null) return;
  const { taskId, voiceFileId, records } = called;
  const seen = await Promise.all(records.map((record) => server.mustGet(`/recordGroup/${textAt(record, 'voiceId')}`)));
  const names = ['callee', 'taskId', 'voiceFileId', 'callStatus', 'terminationCode', 'feedbackValue'];
  assert.deepEqual(
    seen.map((record) => names.map((name) => at(record, name))),
    [
      [people.answers, taskId, voiceFileId, 50, '0', '-1'],
      [people.isBusy, taskId, voiceFileId, 10, '486', '-1'],
      [people.declines, taskId, voiceFileId, 30, '603', '-1'],
      [people.isUnknown, taskId, voiceFileId, 60, '404', '-1'],
    ],
    names.join(),
  );
  const times = ['ringingTime', 'answerTime', 'hangupTime'];
  assert.deepEqual(
    seen.map((record) => times.map((name) => at(record, name) !== null)),
    [
      [true, true, true],
      [true, false, true],
      [true, false, true],
      [false, false, true],
    ],
    times.join(),
  );
  for (const record of seen) {
    const order = ['submitTime', 'callTime', 'ringingTime', 'answerTime', 'hangupTime']
      .map((name) => at(record, name))
      .filter((time) => time !== null);
    assert.deepEqual(order, [...order].sort(), 'times go forward');
  }
});

test('a record of another account does not exist', async (context) => {
  if (needsAdmin(context, server) || voiceId === '') return;
  const stranger = await server.account({});
  const answer = await server.get(`/recordGroup/${voiceId}`, stranger);
  assert.equal(answer.code, -22, answer.body);
});
