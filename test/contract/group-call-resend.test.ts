import { before } from 'node:test';
import { at, type Json, listAt, numberAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { integer } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { type Fields, withField } from './kit/json-path.ts';
import { choiceField, idField, knownField, optional, required } from './kit/request-field.ts';
import { farFuture, serverUnderTest, uniqueText } from './kit/server-under-test.ts';
import {
  contentVariants,
  maxCallsField,
  namedTaskFields,
  nothingAfterFields,
  planFields,
  transferCases,
  variantsWithContent,
  windowFields,
} from './kit/task-table.ts';

const server = serverUnderTest();
let voiceFileId = '';
let over = 0;
let waiting = 0;
/** A finished task whose only callee answered; null: there is nobody to call. */
let allReached: number | null = null;
/** One that reached one of two. */
let halfReached: number | null = null;
const taken = `${uniqueText(6)} taken`;
before(async () => {
  await server.open();
  voiceFileId = await server.uploadTone();
  over = await server.sendTask({ voiceFileId, numberList: ['8613800000001', '8613800000002'] });
  await server.mustPost('/group/call/cancel', { taskIdList: [over] });
  if (server.settings.people !== null) {
    const { answers, isUnknown } = server.settings.people;
    allReached = await server.sendTask({ voiceFileId, numberList: [answers], sendTime: null });
    halfReached = await server.sendTask({ voiceFileId, numberList: [answers, isUnknown], sendTime: null });
    for (const taskId of [allReached, halfReached]) await server.taskInStatus(taskId, 2);
  }
  waiting = await server.sendTask({ voiceFileId, numberList: ['8613800000001'], taskName: taken });
});

const valid = (content: Fields): Fields => ({
  keyId: over,
  taskName: uniqueText(10),
  resendType: 0,
  maxCalls: 40,
  sendTime: farFuture,
  ...content,
});
const contents = contentVariants(() => voiceFileId);

conforms(server, {
  name: 'group/call/resend',
  section: '4.5, 15.6',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    ...variantsWithContent(contents, valid, {
      keyId: required(idField(() => over)),
      // Older pages have it, the newest does not.
      appId: optional(
        knownField(() => server.settings.appId),
        { shownAs: 'appId' },
      ),
      ...namedTaskFields,
      ...planFields,
      ...nothingAfterFields,
      maxCalls: optional(maxCallsField, { shownAs: 'maxCalls' }),
      resendType: optional({ good: choiceField(0).good, bad: choiceField(0, 1).bad }),
    }),
    {
      title: 'a window',
      valid: () => ({ ...valid({ source: 1, voiceFileId }), allowSendTime: [{ strTime: '09:00', endTime: '18:00' }] }),
      fields: windowFields,
    },
  ],
  data: integer({ min: 1 }),
  codes: [0, -1, -2, -10, -16, -18, -20, -21, -22, -23, -24, -26, -34, -54],
  notProvoked: {
    [-10]: 'balance.test.ts has it',
    [-21]: 'as in group/call/update',
    [-23]: 'a resend has no list that could be too long',
    [-26]: 'balance.test.ts has it',
    [-34]: 'without people to call, nobody was reached; with them a case has it',
  },
  bodyLimitMiB: 30,
  cases: () => [...stateCases(), ...transferCases()],
  async show(data) {
    const taskId = server.cancelLater(numberAt(data));
    const records = listAt(await server.mustPost('/group/call/records', { params: { taskId } }), 'records');
    const callees = records.map((record) => at(record, 'callee'));
    return { ...Object(await server.mustGet(`/group/call/detail/${taskId}`)), callees };
  },
});

function stateCases(): Case[] {
  const of = (title: string, name: string, value: Json, expects: Case['expects']): Case => ({
    title,
    change: (body) => withField(body, name, value),
    expects,
  });
  const after = (taskId: number, title: string, resendType: Json | undefined, expects: Case['expects']): Case => ({
    title: `${title} of a task that is finished`,
    change: (body) => withField(withField(body, 'keyId', taskId), 'resendType', resendType),
    expects,
  });
  const finished: Case[] =
    allReached === null || halfReached === null
      ? []
      : [
          after(allReached, 'the failed ones, who are none,', 1, refused(-34, String(allReached))),
          after(allReached, 'all', 0, accepted(['numCnt', 1])),
          after(halfReached, 'the failed ones', 1, accepted(['callees', [server.settings.people?.isUnknown ?? '']])),
          after(halfReached, 'all', 0, accepted(['numCnt', 2])),
          after(halfReached, 'all, unless something else is said,', undefined, accepted(['numCnt', 2])),
        ];
  return [
    ...finished,
    of('all callees', 'resendType', 0, accepted(['numCnt', 2])),
    // Who was never called was not reached either.
    of('the failed ones of a task that was cancelled before it called', 'resendType', 1, accepted(['numCnt', 2])),
    of('a task that is not over', 'keyId', waiting, refused(-54, String(waiting))),
    of('a task of nobody', 'keyId', 999_999_999, refused(-24, '999999999')),
    of('the name of another task', 'taskName', taken, refused(-20, taken)),
    of('a file of nobody', 'voiceFileId', 'nobody.wav', refused(-24, 'nobody.wav')),
  ];
}
